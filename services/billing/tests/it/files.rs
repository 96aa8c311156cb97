//! Files of reports, and the links to them.

use std::collections::BTreeMap;

use proto::billing::v1::DownloadReportRequest;

/// A row by its columns.
pub(crate) type Row = BTreeMap<String, String>;

pub(crate) fn rows_of(file: &str) -> Vec<Row> {
    csv::Reader::from_reader(file.as_bytes())
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

/// The parts of a link, as the gateway would read them.
pub(crate) fn link_of(path: &str) -> DownloadReportRequest {
    let (path, query) = path.split_once('?').unwrap();
    let parts: Vec<_> = path.split('/').collect();
    assert_eq!((parts[0], parts[1], parts[3]), ("", "reports", "WHOLESALE"));
    let query: BTreeMap<_, _> = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .collect();
    assert!(query.contains_key("Key-Pair-Id"));
    DownloadReportRequest {
        partner_id: parts[2].to_owned(),
        report_id: parts[4].strip_suffix(".csv").unwrap().to_owned(),
        expires: query["Expires"].parse().unwrap(),
        signature: query["Signature"].to_owned(),
    }
}
