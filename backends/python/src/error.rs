//! The errors that can occur before a Python worker runs.

use std::io;
use std::path::PathBuf;

use crate::PYTHON_VARIABLE;

/// Why the command of a worker could not be made. Each message continues "failed to" and says what to do next.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum PythonError {
    #[error("find a Python library named `{name}`: the known names are {known}; use `python:MODULE` for any importable module")]
    UnknownLibrary { name: String, known: String },

    #[error("find the requirements of an environment named `{name}`: there is no `backends/python/requirements/{name}.txt`")]
    UnknownEnvironment { name: String },

    #[error("run {name}: it needs {device}, which this machine does not have (`{command}` fails)")]
    NoDevice { name: String, device: String, command: String },

    #[error("start the interpreter `{}`: {source}; {remedy}", program.display())]
    NoInterpreter { program: PathBuf, source: io::Error, remedy: &'static str },

    #[error("use `{}` as a Python interpreter: it did not print its version, but: {output}; {remedy}", program.display())]
    NotPython { program: PathBuf, output: String, remedy: &'static str },

    #[error("use the interpreter `{}`: it is Python {found}, but Python {needed} or newer is needed; {remedy}", program.display())]
    TooOld { program: PathBuf, found: String, needed: String, remedy: &'static str },

    #[error(
        "create a virtual environment with `{}`: the module venv or ensurepip is missing; install it (on Debian and Ubuntu: \
         `apt install python3-venv`), or set {PYTHON_VARIABLE} to another interpreter\n{output}",
        program.display()
    )]
    NoVenv { program: PathBuf, output: String },

    #[error("create a virtual environment with `{}`:\n{output}", program.display())]
    Venv { program: PathBuf, output: String },

    #[error(
        "install {what} with pip; check the network, and pip's own settings for a mirror or a proxy; \
         then run the same command again. The last lines of pip's output:\n{output}"
    )]
    Pip { what: String, output: String },

    #[error("{action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
}

impl PythonError {
    /// For `map_err`: makes an error that says which action failed on which path.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> PythonError {
        let path = path.into();
        move |source| PythonError::Io { action, path, source }
    }
}
