//! CSV files, packed or not, read strictly.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::Rejected;
use crate::domain::text;

/// Largest file after unpacking, in bytes; the largest list published today is a third of it.
const LARGEST: u64 = 128 << 20;

/// Unpacks gzip (told by its first bytes) and takes off what is not content: a byte order mark, and
/// the 0x1A that DOS put at the end of a text.
pub(super) fn unpack(file: &[u8]) -> Result<String, Rejected> {
    let mut bytes = Vec::new();
    if file.starts_with(&[0x1f, 0x8b]) {
        let read = MultiGzDecoder::new(file)
            .take(LARGEST + 1)
            .read_to_end(&mut bytes);
        read.map_err(|error| Rejected(format!("damaged gzip: {error}")))?;
    } else {
        bytes.extend_from_slice(file);
    }
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
        return Err(Rejected(format!("larger than {LARGEST} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| Rejected("not UTF-8".to_owned()))?;
    let ended = text.ends_with('\n') || text.ends_with('\u{1a}');
    let text = text
        .trim_start_matches('\u{feff}')
        .trim_end_matches('\u{1a}');
    if text.trim().is_empty() {
        return Err(Rejected("empty file".to_owned()));
    }
    if !ended {
        return Err(Rejected("cut off: the last line has no end".to_owned()));
    }
    Ok(text.to_owned())
}

/// Reads rows of exactly `width` fields, the first on line `first`, and hands each to `row`.
pub(super) fn rows(
    what: &str,
    text: &str,
    first: u64,
    width: usize,
    mut row: impl FnMut(&csv::StringRecord) -> Result<(), String>,
) -> Result<(), Rejected> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    loop {
        let refuse = |line: u64, reason: String| Rejected(format!("{what}, line {line}: {reason}"));
        let more = reader.read_record(&mut record);
        let line = record.position().map_or(0, csv::Position::line) + first - 1;
        match more {
            Ok(false) => return Ok(()),
            Ok(true) if record.len() != width => {
                let reason = format!("{width} columns expected, {} found", record.len());
                return Err(refuse(line, reason));
            }
            Ok(true) => row(&record).map_err(|reason| refuse(line, reason))?,
            Err(error) => return Err(refuse(line, error.to_string())),
        }
    }
}

/// Splits off the header line.
pub(super) fn header(text: &str) -> (Vec<String>, &str) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(first.as_bytes());
    let record = reader
        .records()
        .next()
        .and_then(Result::ok)
        .unwrap_or_default();
    (
        record.iter().map(|name| name.trim().to_owned()).collect(),
        rest,
    )
}

/// A name that screening can look up.
pub(super) fn name(text: &str) -> Result<String, String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text::split(&name).list.is_empty() {
        return Err(format!("name {name:?} has no letters"));
    }
    Ok(name)
}

/// The parts of a field that holds several, without empty ones.
pub(super) fn several(field: &str) -> impl Iterator<Item = &str> {
    field
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}
