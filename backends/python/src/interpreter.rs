//! Finds out the version and the build of a Python interpreter.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{PYTHON_VARIABLE, PythonError};

/// A Python interpreter and what it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interpreter {
    /// The program to start.
    pub program: PathBuf,
    /// Its version, such as `3.13.1`.
    pub version: String,
    /// Its implementation, such as `cpython`.
    pub implementation: String,
    /// `t` for a free-threaded build.
    pub abi_flags: String,
    /// Whether it has a version of the package `msgpack` that the worker can use.
    pub has_msgpack: bool,
    /// The folder where it is installed.
    pub prefix: String,
}

/// The oldest version for provisioned environments: the pinned packages have no wheels for older ones.
const HOST_MINIMUM: (u32, u32) = (3, 11);
/// The oldest version that the worker itself supports.
const USER_MINIMUM: (u32, u32) = (3, 10);

const HOST_REMEDY: &str = "install Python 3.11 or newer, or set ARRAY_ASSAY_PYTHON to its path";
const USER_REMEDY: &str = "use --python to name the interpreter that has the library";

/// Prints the interpreter's properties on one line. Runs on any Python since 2.6. Startup files of the interpreter may print other lines
/// first.
const PROBE: &str = r#"
import sys
sys.path[:] = [folder for folder in sys.path if folder]
try:
    import msgpack
    has_msgpack = msgpack.version >= (1,)
except Exception:
    has_msgpack = False
implementation = getattr(getattr(sys, "implementation", None), "name", "cpython")
print("\narray-assay|%d.%d.%d|%s|%s|%d|%s" % (
    tuple(sys.version_info[:3])
    + (implementation, getattr(sys, "abiflags", ""), has_msgpack, getattr(sys, "base_prefix", sys.prefix))
))
"#;

impl Interpreter {
    /// The interpreter from which environments are made: `$ARRAY_ASSAY_PYTHON`, or `python3` on the PATH.
    pub fn host() -> Result<Interpreter, PythonError> {
        let program = std::env::var_os(PYTHON_VARIABLE).filter(|p| !p.is_empty()).unwrap_or_else(|| "python3".into());
        Interpreter::probe(Path::new(&program), &["-I"], HOST_MINIMUM, HOST_REMEDY)
    }

    /// The interpreter that has the user's library: `python`, or `python3` on the PATH.
    pub fn of_user(python: Option<&Path>) -> Result<Interpreter, PythonError> {
        Interpreter::probe(python.unwrap_or(Path::new("python3")), &[], USER_MINIMUM, USER_REMEDY)
    }

    fn probe(program: &Path, options: &[&str], minimum: (u32, u32), remedy: &'static str) -> Result<Interpreter, PythonError> {
        let program = program.to_owned();
        let output = match array_assay_process::output(Command::new(&program).args(options).args(["-c", PROBE])) {
            Ok(output) => output,
            Err(source) => return Err(PythonError::NoInterpreter { program, source, remedy }),
        };
        let stdout = String::from_utf8_lossy(&output.stdout);
        let answer = stdout.lines().find_map(|line| line.strip_prefix("array-assay|"));
        let fields = answer.and_then(|answer| <[&str; 5]>::try_from(answer.splitn(5, '|').collect::<Vec<_>>()).ok());
        let Some([version, implementation, abi_flags, has_msgpack, prefix]) = fields else {
            let output = last_lines(&output, 4);
            return Err(PythonError::NotPython { program, output, remedy });
        };
        let found = version.to_owned();
        if number(version, 0) < minimum.0 || (number(version, 0), number(version, 1)) < minimum {
            let needed = format!("{}.{}", minimum.0, minimum.1);
            return Err(PythonError::TooOld { program, found, needed, remedy });
        }
        Ok(Interpreter {
            program,
            version: found,
            implementation: implementation.to_owned(),
            abi_flags: abi_flags.to_owned(),
            has_msgpack: has_msgpack == "1",
            prefix: prefix.trim_end().to_owned(),
        })
    }

    /// The version without its last part, such as `3.13`.
    pub fn minor_version(&self) -> String {
        format!("{}.{}", number(&self.version, 0), number(&self.version, 1))
    }
}

fn number(version: &str, part: usize) -> u32 {
    version.split('.').nth(part).and_then(|part| part.parse().ok()).unwrap_or(0)
}

/// The last `count` lines that a process printed: its output, then its errors.
pub(crate) fn last_lines(output: &std::process::Output, count: usize) -> String {
    let text = [&output.stdout[..], b"\n", &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return format!("(it printed nothing; {})", output.status);
    }
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::testing::fake_python;

    #[test]
    fn an_old_interpreter_is_refused_by_its_version() {
        let python = fake_python("array-assay|3.9.18|cpython||0|/usr");
        let error = Interpreter::probe(python.path(), &[], HOST_MINIMUM, HOST_REMEDY).unwrap_err();
        assert!(matches!(&error, PythonError::TooOld { found, .. } if found == "3.9.18"), "{error}");
        let text = error.to_string();
        assert!(text.contains("Python 3.9.18") && text.contains("3.11") && text.contains(PYTHON_VARIABLE), "{text}");
        assert!(text.contains(&python.path().display().to_string()), "{text}");
    }

    #[test]
    fn versions_compare_as_numbers() {
        for (version, enough) in [("2.99.0", false), ("3.2.0", false), ("3.11.0", true), ("3.100.0", true), ("4.0.0", true)] {
            let python = fake_python(&format!("noise\narray-assay|{version}|cpython||1|/opt/a|b"));
            let found = Interpreter::probe(python.path(), &[], HOST_MINIMUM, HOST_REMEDY);
            assert_eq!(found.is_ok(), enough, "{version}");
            if let Ok(found) = found {
                assert_eq!((found.prefix.as_str(), found.has_msgpack), ("/opt/a|b", true));
            }
        }
    }

    #[test]
    fn a_missing_interpreter_is_named() {
        let error = Interpreter::probe(Path::new("/nowhere/python3"), &[], HOST_MINIMUM, HOST_REMEDY).unwrap_err();
        assert!(matches!(error, PythonError::NoInterpreter { .. }), "{error}");
        assert!(error.to_string().contains("/nowhere/python3"), "{error}");
        let error = Interpreter::of_user(Some(Path::new("/nowhere/python3"))).unwrap_err();
        assert!(error.to_string().contains("--python"), "{error}");
    }

    #[test]
    fn what_is_no_python_is_shown() {
        let python = fake_python("pyenv: python3: command not found");
        let error = Interpreter::probe(python.path(), &[], HOST_MINIMUM, HOST_REMEDY).unwrap_err();
        assert!(matches!(&error, PythonError::NotPython { output, .. } if output.contains("command not found")), "{error}");
    }
}
