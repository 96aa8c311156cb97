//! Writes `baseline.bin`, which `tests/breaking.rs` compares with: to be run when a release goes out.

use std::{error::Error, fs, path::Path};

use prost::Message as _;
use prost_types::FileDescriptorSet;

fn main() -> Result<(), Box<dyn Error>> {
    let mut descriptors = FileDescriptorSet::decode(proto::DESCRIPTORS)?;
    for file in &mut descriptors.file {
        // comments may change
        file.source_code_info = None;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline.bin");
    fs::write(path, descriptors.encode_to_vec())?;
    Ok(())
}
