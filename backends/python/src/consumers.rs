//! The package that traces consumers, and its environment: scikit-learn, SciPy and array-api-strict, pinned and hash-checked.

use std::path::{Path, PathBuf};

use crate::environment::State;
use crate::interpreter::Interpreter;
use crate::{PythonError, WorkerCommand, one_thread, pinned};

/// The environment of consumers: the name of a file in `requirements/`, without `.txt`.
const ENVIRONMENT: &str = "consumers";

macro_rules! files {
    ($($path:literal),* $(,)?) => { &[$(($path, include_str!(concat!("../consumers/", $path)))),*] };
}

/// The paths and texts of the files in the folder `consumers/`. A test compares the list with that folder.
pub(crate) const FILES: &[(&str, &str)] = files![
    "__main__.py",
    "array_assay_consumers/__init__.py",
    "array_assay_consumers/claims.py",
    "array_assay_consumers/command.py",
    "array_assay_consumers/evaluate.py",
    "array_assay_consumers/freedoms.py",
    "array_assay_consumers/helpers.py",
    "array_assay_consumers/lda.py",
    "array_assay_consumers/patches.py",
    "array_assay_consumers/profiles.py",
    "array_assay_consumers/recorder.py",
    "array_assay_consumers/symbols.py",
    "array_assay_consumers/tracing.py",
    "array_assay_consumers/truth.py",
    "array_assay_consumers/workload.py",
    "array_assay_consumers/workloads/__init__.py",
    "array_assay_consumers/workloads/estimators.py",
    "array_assay_consumers/workloads/metrics.py",
    "array_assay_consumers/workloads/scipy_other.py",
    "array_assay_consumers/workloads/scipy_signal.py",
    "array_assay_consumers/workloads/scipy_stats.py",
];

/// The command of the package that traces consumers and runs them. Its environment is made on first use.
pub fn consumers(state: &Path, progress: &mut dyn FnMut(&str)) -> Result<WorkerCommand, PythonError> {
    let state = State::open(state)?;
    let program = state.pinned(&Interpreter::host()?, ENVIRONMENT, pinned(ENVIRONMENT)?, progress)?;
    let start = state.laid_out("array_assay_consumers", FILES, progress)?.join("__main__.py");
    Ok(WorkerCommand { program, args: vec!["-I".into(), start.into()], env: one_thread() })
}

/// The folder with the packages of the environment in which a worker runs. `None` if the interpreter is in no environment.
pub fn packages_of(worker: &WorkerCommand) -> Option<PathBuf> {
    let environment = worker.program.parent()?.parent()?;
    let windows = environment.join("Lib").join("site-packages");
    let versions = std::fs::read_dir(environment.join("lib")).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let unix = versions.map(|version| version.join("site-packages"));
    unix.chain([windows]).find(|folder| folder.is_dir())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::worker::python_files;

    #[test]
    fn every_file_of_the_package_is_embedded() {
        let embedded: BTreeSet<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(embedded, python_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("consumers")));
    }
}
