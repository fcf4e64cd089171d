//! Compiled kernels on disk, by the hash of their source and of what compiled them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::device::Fault;

/// The folder of compiled kernels: the one that `ARRAY_ASSAY_CUDA_CACHE` names, or one below the user's cache.
pub fn folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("ARRAY_ASSAY_CUDA_CACHE") {
        return folder.into();
    }
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    cache.unwrap_or_else(std::env::temp_dir).join("array-assay").join("cuda")
}

/// The fault of a file of the cache.
pub fn fault(path: &Path, error: &std::io::Error) -> Fault {
    Fault::Cache { path: path.display().to_string(), why: error.to_string() }
}

/// The file that was made of `source` under the conditions `salt`. If there is none yet, `make` writes it to the path that it is given.
pub fn made(
    folder: &Path,
    source: &str,
    salt: &str,
    extension: &str,
    make: impl FnOnce(&Path) -> Result<(), Fault>,
) -> Result<PathBuf, Fault> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let hash = Sha256::new().chain_update(salt).chain_update([0]).chain_update(source).finalize();
    let name = hash.iter().fold(String::new(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    });
    let file = folder.join(format!("{name}.{extension}"));
    if file.is_file() {
        return Ok(file);
    }
    std::fs::create_dir_all(folder).map_err(|e| fault(folder, &e))?;
    // Several workers may compile the same source: each writes beside the file, and the last one to rename wins.
    let own = format!("{name}-{}-{}.{extension}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let beside = folder.join(own);
    let result = make(&beside).and_then(|()| std::fs::rename(&beside, &file).map_err(|e| fault(&file, &e)));
    if result.is_err() {
        // What is half written is of no use; that it may not be there at all is no second fault.
        let _ = std::fs::remove_file(&beside);
    }
    result.map(|()| file)
}
