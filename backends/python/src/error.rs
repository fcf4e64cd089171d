//! What can go wrong before a worker runs.

use std::io;
use std::path::PathBuf;

use crate::PYTHON_VARIABLE;

/// Why there is no command for a worker. Messages continue "failed to" and say what to do next.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum PythonError {
    #[error("find a Python library named `{name}`: known are {known}; any importable module runs as `python:MODULE`")]
    UnknownLibrary { name: String, known: String },

    #[error("run {name}: it needs {device}, and this machine has none (`{command}` fails)")]
    NoDevice { name: String, device: String, command: String },

    #[error("start the interpreter `{}`: {source}; {remedy}", program.display())]
    NoInterpreter { program: PathBuf, source: io::Error, remedy: &'static str },

    #[error("use `{}` as an interpreter: it did not say which Python it is, but: {output}; {remedy}", program.display())]
    NotPython { program: PathBuf, output: String, remedy: &'static str },

    #[error("use the interpreter `{}`: it is Python {found}, and {needed} or newer is needed; {remedy}", program.display())]
    TooOld { program: PathBuf, found: String, needed: String, remedy: &'static str },

    #[error(
        "create a virtual environment with `{}`: it lacks the module venv or ensurepip; install it (Debian and Ubuntu: \
         `apt install python3-venv`) or name another interpreter in {PYTHON_VARIABLE}\n{output}",
        program.display()
    )]
    NoVenv { program: PathBuf, output: String },

    #[error("create a virtual environment with `{}`:\n{output}", program.display())]
    Venv { program: PathBuf, output: String },

    #[error(
        "install {what} with pip (no network? a mirror or a proxy is set as for pip itself); \
         running the same command again retries; its last lines:\n{output}"
    )]
    Pip { what: String, output: String },

    #[error("{action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
}

impl PythonError {
    /// For `map_err`: what was done with which path.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> PythonError {
        let path = path.into();
        move |source| PythonError::Io { action, path, source }
    }
}
