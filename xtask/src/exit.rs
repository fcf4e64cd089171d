//! Exit codes and errors.

use std::path::PathBuf;
use std::process::ExitCode;

use array_assay_format::ResultsError;
use array_assay_harness::gate::BaselineError;
use array_assay_harness::run::RunError;
use array_assay_python::PythonError;
use array_assay_spec::SpecErrors;
use array_assay_spec::audit::DiffError;

/// The exit codes. Users rely on them, so their numbers stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// No unexpected deviation.
    Success = 0,
    /// Deviations that the baseline does not name, stale entries of the baseline, regressions, or a failed check of the repository.
    Deviations = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A backend could not be started.
    Backend = 3,
    /// The selection matches nothing.
    Nothing = 4,
    /// A fault of Array Assay itself, or of the file system.
    Fault = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command could not be carried out. Each message continues "failed to".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Usage(String),
    #[error("set up the backend: failed to {0}")]
    Python(#[from] PythonError),
    #[error("{0}")]
    Worker(String),
    #[error("{0}")]
    Run(#[from] RunError),
    #[error("{0}")]
    Baseline(#[from] BaselineError),
    #[error("{0}")]
    Results(#[from] ResultsError),
    #[error("{0}")]
    Report(#[from] array_assay_reports::ReportError),
    #[error("{0}")]
    Merge(#[from] array_assay_reports::MergeError),
    #[error("{0}")]
    Spec(#[from] SpecErrors),
    #[error("{0}")]
    BuiltIn(&'static SpecErrors),
    #[error("{0}")]
    Diff(#[from] DiffError),
    #[error("{what} {}: {source}", path.display())]
    File { what: &'static str, path: PathBuf, source: std::io::Error },
    #[error("{0}")]
    Nothing(String),
    #[error("{0}")]
    Fault(String),
}

impl Error {
    /// The exit code of this error.
    pub fn exit(&self) -> Exit {
        match self {
            Error::Usage(_) | Error::Baseline(_) | Error::Results(_) | Error::Merge(_) | Error::Run(RunError::Differs { .. }) => {
                Exit::Usage
            }
            Error::Python(_)
            | Error::Worker(_)
            | Error::Run(RunError::Start { .. } | RunError::Smoke { .. } | RunError::NoDevice { .. }) => Exit::Backend,
            Error::Nothing(_) | Error::Run(RunError::NothingSelected(_)) => Exit::Nothing,
            Error::Run(RunError::Write { .. } | RunError::Profiles(_))
            | Error::Report(_)
            | Error::File { .. }
            | Error::BuiltIn(_)
            | Error::Fault(_) => Exit::Fault,
            Error::Spec(_) | Error::Diff(_) => Exit::Deviations,
        }
    }
}
