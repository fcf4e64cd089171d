//! `consumers truth`: runs the real consumers on a real library, and writes what became of each workload.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use array_assay_format::Glob;
use array_assay_reports::Really;
use serde::Deserialize;

use super::package::{Answer, Verdict, below_root, built_in, call, cases, line, read_yaml};
use crate::cli;
use crate::exit::{Error, Exit};
use crate::place;

/// What the package says: first the versions of the packages that are used, then what became of each case.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Versions { versions: BTreeMap<String, String> },
    Answer(Answer),
}

/// Runs the command.
pub fn run(options: &cli::Truth) -> Result<Exit, Error> {
    let library = array_assay_python::find(&options.backend)?;
    let worker = array_assay_python::named(&options.backend, &place::state(), &mut |line| warn_line!("{line}"))?;
    let module = consumers_own(&library.module);
    let mut args: Vec<OsString> =
        vec!["truth".into(), "--module".into(), module.into(), "--limit".into(), options.timeout.to_string().into()];
    if let Some(site) = array_assay_python::packages_of(&worker) {
        args.extend(["--site".into(), site.into()]);
    }
    if let Some(out) = library.out() {
        args.extend(["--out-expression".into(), out.into()]);
    }
    let glob: Glob = options.select.parse().map_err(|e| Error::Usage(format!("read --select: {e}")))?;
    let cases = cases(built_in()?, |function| glob.matches_text(function));
    if cases.is_empty() {
        return Err(Error::Nothing(format!("run `{}`: no workload has such a name", options.select)));
    }
    let (mut versions, mut answers): (BTreeMap<String, String>, Vec<Answer>) = Default::default();
    call(&args, &worker.env, cases.iter().map(line).collect(), &mut |said: Said| {
        let answer = match said {
            Said::Versions { versions: used } => {
                versions = used;
                return Ok(());
            }
            Said::Answer(answer) => answer,
        };
        if !answer.verdict.runs() {
            print_line!("{} {}: {:?}: {}", answer.workload, answer.case, answer.verdict, first_line(&answer.why));
        }
        answers.push(answer);
        Ok(())
    })?;
    let count = |is: fn(Verdict) -> bool| answers.iter().filter(|answer| is(answer.verdict)).count();
    print_line!(
        "{}: of {} cases {} work, {} answer with arrays of NumPy, {} differ, {} fail",
        options.backend,
        answers.len(),
        count(|v| v == Verdict::Works),
        count(|v| v == Verdict::Elsewhere),
        count(|v| v == Verdict::Differs),
        count(|v| matches!(v, Verdict::Fails | Verdict::Timeout | Verdict::Crash))
    );
    if options.select == "*" || options.out.is_some() {
        let path = options.out.clone().unwrap_or_else(|| file(&options.backend));
        std::fs::write(&path, text(&options.backend, &versions, &answers)).map_err(|source| Error::File {
            what: "write",
            path: path.clone(),
            source,
        })?;
        print_line!("written to {}", path.display());
    }
    Ok(Exit::Success)
}

/// The namespace that a user of the consumers hands arrays of: a library's own, since consumers carry array-api-compat themselves.
pub fn consumers_own(module: &str) -> String {
    module.strip_prefix("array_api_compat.").unwrap_or(module).to_owned()
}

/// The file of a library's truth.
pub fn file(backend: &str) -> PathBuf {
    below_root(&format!("backends/python/truth/{}.yaml", backend.replace(':', "-")))
}

/// The truth about a library.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The versions of the packages with which the consumers ran.
    #[serde(default)]
    pub versions: BTreeMap<String, String>,
    /// What became of each case.
    pub cases: Vec<Answer>,
}

impl File {
    /// The name of the library with the versions of its packages.
    pub fn says(&self, backend: &str) -> String {
        let consumers = ["scikit-learn", "scipy"];
        let packages = self.versions.iter().filter(|(package, _)| !consumers.contains(&package.as_str()));
        let packages: Vec<String> = packages.map(|(package, version)| format!("{package} {version}")).collect();
        if packages.is_empty() { backend.to_owned() } else { format!("{backend} with {}", packages.join(" and ")) }
    }
}

/// The truth about a library.
pub fn read(backend: &str) -> Result<File, Error> {
    read_yaml(&file(backend))
}

/// What the report says of the real consumers on a library. Nothing, if that is not known.
pub fn told(backend: &str) -> Vec<Really> {
    let reasons = reasons().unwrap_or_default();
    let told = |answer: Answer| Really {
        says: happened(&answer),
        runs: answer.verdict.runs(),
        reason: reasons.iter().find(|reason| reason.is_of(backend, &answer.workload)).map(|reason| reason.reason.clone()),
        workload: answer.workload,
        case: answer.case,
    };
    read(backend).map(|file| file.cases).unwrap_or_default().into_iter().map(told).collect()
}

/// Why a replay says another thing of a workload than what the real consumer does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The workload.
    pub workload: String,
    /// The libraries, by the names of their backends.
    pub libraries: Vec<String>,
    /// The reason.
    pub reason: String,
}

impl Reason {
    /// Whether the reason explains what this workload does on this library.
    pub fn is_of(&self, backend: &str, workload: &str) -> bool {
        self.workload == workload && self.libraries.iter().any(|library| library == backend)
    }
}

/// The known reasons of disagreements.
pub fn reasons() -> Result<Vec<Reason>, Error> {
    read_yaml(&below_root("backends/python/truth/reasons.yaml"))
}

/// What became of a case, in a sentence, with the consumer's own line, and not that of the library below it or of a package that it carries.
pub fn happened(answer: &Answer) -> String {
    let package = |line: &String| line.split('/').next().map(str::to_owned);
    let carried = |line: &str| ["/array_api_compat/", "/array_api_extra/"].iter().any(|folder| line.contains(folder));
    let own = answer.lines.iter().rfind(|line| package(line) == answer.lines.first().and_then(package) && !carried(line));
    let at = own.map(|line| format!(" at {line}")).unwrap_or_default();
    let why = if answer.why.is_empty() { String::new() } else { format!(": {}", first_line(&answer.why)) };
    format!("{}{at}{why}", answer.verdict.says())
}

fn text(backend: &str, versions: &BTreeMap<String, String>, answers: &[Answer]) -> String {
    let mut out = format!("# Written by `cargo xtask consumers truth {backend}`, never by hand.\nversions:\n");
    versions.iter().for_each(|(package, version)| out += &format!("  {package}: {version:?}\n"));
    out += "cases:\n";
    answers.iter().for_each(|answer| out += &format!("- {}\n", entry(answer)));
    out
}

/// An answer as it stands in files: on one line, without what is empty.
pub fn entry(answer: &Answer) -> String {
    let verdict = format!("{:?}", answer.verdict).to_lowercase();
    let mut out = format!("{{workload: {:?}, case: {}, verdict: {verdict}", answer.workload, answer.case);
    if answer.late {
        out += ", late: true";
    }
    if !answer.why.is_empty() {
        out += &format!(", why: {}", serde_json::Value::from(first_line(&answer.why)));
    }
    if !answer.lines.is_empty() {
        out += &format!(", lines: {}", serde_json::json!(answer.lines));
    }
    out + "}"
}

/// The first line of a message: what follows is a picture of arrays.
pub fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_with_the_versions() {
        let versions = BTreeMap::from([("scipy", "1.17.1"), ("numpy", "2.4.6"), ("dask", "2026.8.0")]);
        let versions: BTreeMap<String, String> =
            versions.into_iter().map(|(package, version)| (package.to_owned(), version.to_owned())).collect();
        let lines = vec!["scipy/a.py:5".to_owned(), "scipy/_lib/array_api_compat/common/b.py:7".to_owned(), "dask/c.py:9".to_owned()];
        let answer = Answer {
            workload: "scipy/fft.dct".to_owned(),
            case: "float64-20".to_owned(),
            verdict: Verdict::Fails,
            why: "ValueError: \"x\": {no}\nsecond line".to_owned(),
            lines,
            late: true,
        };
        let written = text("compat:dask", &versions, std::slice::from_ref(&answer));
        let read: File = serde_yaml::from_str(&written).unwrap();
        assert_eq!(read.cases, [Answer { why: "ValueError: \"x\": {no}".to_owned(), ..answer }]);
        assert_eq!(read.says("compat:dask"), "compat:dask with dask 2026.8.0 and numpy 2.4.6");
        assert_eq!(
            happened(&read.cases[0]),
            "fails at scipy/a.py:5: ValueError: \"x\": {no}",
            "neither the library's line nor a carried package's"
        );
    }
}
