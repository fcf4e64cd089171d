//! Interpreters that are none, for the tests of this crate.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

/// An executable that prints a text, whatever it is asked, and fails.
pub(crate) struct FakePython {
    path: PathBuf,
    _folder: TempDir,
    _alone: MutexGuard<'static, ()>,
}

/// One at a time: a file that another test's child still holds open for writing cannot be executed.
static ALONE: Mutex<()> = Mutex::new(());

pub(crate) fn fake_python(text: &str) -> FakePython {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("python3");
    std::fs::write(&path, format!("#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit 1\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    FakePython { path, _folder: folder, _alone: alone }
}

impl FakePython {
    pub fn path(&self) -> &Path {
        &self.path
    }
}
