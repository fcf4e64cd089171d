//! Runs the Python package that traces consumers, and reads its answers.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use array_assay_process::Group;
use array_assay_spec::consumer::{Profile, profiles};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::exit::{Error, Exit};
use crate::place;

/// What became of a case on a library.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Answer {
    /// The consumer and the workload's name.
    pub workload: String,
    /// The case.
    pub case: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Why.
    #[serde(default)]
    pub why: String,
    /// The lines of packages on the way of an exception, the innermost last.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Whether it failed only when a result was computed.
    #[serde(default)]
    pub late: bool,
}

/// What became of a real consumer on a real library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It ran, and its results are right.
    Works,
    /// It ran, and its results are right, but some are arrays of NumPy.
    Elsewhere,
    /// It ran, and a result is wrong.
    Differs,
    /// It raised.
    Fails,
    /// It did not end in time.
    Timeout,
    /// Its process died.
    Crash,
}

impl Verdict {
    /// Whether the library runs the workload.
    pub fn runs(self) -> bool {
        matches!(self, Verdict::Works | Verdict::Elsewhere)
    }

    /// The verdict in words.
    pub fn says(self) -> &'static str {
        match self {
            Verdict::Works => "works",
            Verdict::Elsewhere => "works, and answers with arrays of NumPy",
            Verdict::Differs => "another result",
            Verdict::Fails => "fails",
            Verdict::Timeout => "does not end in time",
            Verdict::Crash => "the process dies",
        }
    }
}

/// The profiles that are built in.
pub fn built_in() -> Result<&'static [Profile], Error> {
    profiles().map_err(Error::BuiltIn)
}

/// The names of all cases of profiles whose function a glob takes, as the package reads them: one a line.
pub fn cases(profiles: &[Profile], takes: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let chosen = profiles.iter().filter(|profile| takes(&profile.function()));
    chosen.flat_map(|profile| profile.cases.iter().map(|case| (profile.function(), case.name.clone()))).collect()
}

/// Runs a command of the package. `lines` are its standard input. `each` gets each answer as it comes.
pub fn call<T: DeserializeOwned>(
    args: &[OsString],
    env: &[(OsString, OsString)],
    lines: Vec<String>,
    each: &mut dyn FnMut(T) -> Result<(), Error>,
) -> Result<(), Error> {
    let package = array_assay_python::consumers(&place::state(), &mut |line| warn_line!("{line}"))?;
    let mut command = Command::new(&package.program);
    command.args(&package.args).args(args).envs(package.env.iter().cloned()).envs(env.iter().cloned());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let failed = |what: &str| Error::Fault(format!("run the package of consumers: {what}"));
    let mut child = Group::spawn(&mut command).map_err(|e| failed(&e.to_string()))?;
    let (input, output, errors) = (child.stdin(), child.stdout(), child.stderr());
    let writer = std::thread::spawn(move || {
        let Some(mut input) = input else { return };
        for line in lines {
            // A package that has ended says why on its other pipe.
            if writeln!(input, "{line}").is_err() {
                return;
            }
        }
    });
    let reader = std::thread::spawn(move || {
        let lines = errors.map(|errors| BufReader::new(errors).lines().map_while(Result::ok).collect::<Vec<String>>());
        lines.unwrap_or_default()
    });
    for line in output.into_iter().flat_map(|output| BufReader::new(output).lines()) {
        let line = line.map_err(|e| failed(&e.to_string()))?;
        each(serde_json::from_str(&line).map_err(|e| failed(&format!("{e}: {line}")))?)?;
    }
    let status = child.wait().map_err(|e| failed(&e.to_string()))?;
    let _ = writer.join();
    let said = reader.join().unwrap_or_default();
    match status.success() {
        true => Ok(()),
        false => Err(failed(&said.iter().rev().take(12).rev().cloned().collect::<Vec<_>>().join("\n"))),
    }
}

/// A line of the standard input for a case.
pub fn line((workload, case): &(String, String)) -> String {
    serde_json::json!([workload, case]).to_string()
}

/// A path below the root of the repository.
pub fn below_root(path: &str) -> PathBuf {
    place::workspace().map_or_else(|| PathBuf::from(path), |root| root.join(path))
}

/// Reads a file that a command wrote.
pub fn read_yaml<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::File { what: "read", path: path.to_owned(), source })?;
    serde_yaml::from_str(&text).map_err(|e| Error::Usage(format!("read {}: {e}", path.display())))
}

/// The exit code for a comparison.
pub fn exit(same: bool) -> Exit {
    if same { Exit::Success } else { Exit::Deviations }
}
