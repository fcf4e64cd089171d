//! Embeds the files of the Python worker, and writes them into a folder from which an interpreter runs them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::PythonError;
use crate::environment::{Found, State, hash};

/// The file that the interpreter runs.
const START: &str = "__main__.py";

macro_rules! files {
    ($($path:literal),* $(,)?) => { &[$(($path, include_str!(concat!("../worker/", $path)))),*] };
}

/// The paths and texts of the files in the folder `worker/`. A test compares the list with that folder.
const FILES: &[(&str, &str)] = files![
    "__main__.py",
    "array_assay_worker/__init__.py",
    "array_assay_worker/arguments.py",
    "array_assay_worker/arrays.py",
    "array_assay_worker/attempts.py",
    "array_assay_worker/blocks.py",
    "array_assay_worker/caches.py",
    "array_assay_worker/command.py",
    "array_assay_worker/dtypes.py",
    "array_assay_worker/errors.py",
    "array_assay_worker/export_paths.py",
    "array_assay_worker/functions.py",
    "array_assay_worker/identity.py",
    "array_assay_worker/import_paths.py",
    "array_assay_worker/joined.py",
    "array_assay_worker/known_objects.py",
    "array_assay_worker/library.py",
    "array_assay_worker/messages.py",
    "array_assay_worker/namespace.py",
    "array_assay_worker/outcomes.py",
    "array_assay_worker/own_builtins.py",
    "array_assay_worker/programs.py",
    "array_assay_worker/questions.py",
    "array_assay_worker/raised.py",
    "array_assay_worker/server.py",
    "array_assay_worker/streams.py",
    "array_assay_worker/surroundings.py",
    "array_assay_worker/text.py",
    "array_assay_worker/transfer.py",
    "array_assay_worker/trial_arrays.py",
    "array_assay_worker/values.py",
];

impl State {
    /// The file to run. Its folder is named by a hash of all files, so that the files of a running worker are never overwritten.
    pub fn worker(&self, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, PythonError> {
        Ok(self.laid_out("array_assay_worker", FILES, progress)?.join(START))
    }

    /// The folder with the files of a package, which are written on first use.
    pub fn laid_out(&self, package: &str, files: &[(&str, &str)], progress: &mut dyn FnMut(&str)) -> Result<PathBuf, PythonError> {
        let texts: Vec<&str> = files.iter().flat_map(|(path, text)| [*path, *text]).collect();
        let name = format!("{package}-{}", hash(&texts));
        // The files are small: they are compared with what they should be.
        let whole =
            |folder: &Path| files.iter().all(|(path, text)| fs::read_to_string(folder.join(path)).is_ok_and(|found| found == *text));
        let found = |folder: &Path| match (folder.exists(), whole(folder)) {
            (_, true) => Found::Whole,
            (true, false) => Found::Damaged(format!("a file of {package} is missing or was altered")),
            (false, false) => Found::Nothing,
        };
        self.once(&name, found, progress, |partial, _| write(partial, files))
    }
}

fn write(folder: &Path, files: &[(&str, &str)]) -> Result<(), PythonError> {
    for (path, text) in files {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(PythonError::io("create", parent))?;
        fs::write(&path, text).map_err(PythonError::io("write", &path))?;
    }
    Ok(())
}

/// The Python files below a folder, by their path in it, without tests.
#[cfg(test)]
pub(crate) fn python_files(folder: &Path) -> std::collections::BTreeSet<String> {
    let mut found = std::collections::BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "py") {
                found.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_of_the_package_is_embedded() {
        let embedded: BTreeSet<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(embedded, python_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("worker")));
    }

    #[test]
    fn the_worker_is_written_once_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).unwrap();
        let start = state.worker(&mut |_| ()).unwrap();
        let laid_out = start.parent().unwrap();
        assert_eq!(python_files(laid_out).len(), FILES.len());
        for (path, text) in FILES {
            assert_eq!(&fs::read_to_string(laid_out.join(path)).unwrap(), text, "{path}");
        }
        let written = fs::metadata(&start).unwrap().modified().unwrap();
        assert_eq!(state.worker(&mut |_| ()).unwrap(), start);
        assert_eq!(fs::metadata(&start).unwrap().modified().unwrap(), written);
    }
}
