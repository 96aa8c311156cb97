//! Compiles the `.proto` files with protox (pure Rust, no `protoc`) and keeps the descriptors for
//! reflection, the lint test and the breaking-change test.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    let mut files: Vec<PathBuf> = Vec::new();
    for context in fs::read_dir("entrepot")? {
        for file in fs::read_dir(context?.path().join("v1"))? {
            files.push(file?.path());
        }
    }
    files.sort();
    println!("cargo:rerun-if-changed=entrepot");

    let descriptors = protox::compile(&files, ["."])?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
