//! Runs the tiny worker: a correct library of six functions that misbehaves in one way on request.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use array_assay_format::{Check, Results};
use array_assay_harness::run::{Backend, Event, Limits, Options, Progress, Run, RunError, WorkerCommand, conform};
use array_assay_harness::snippet::Language;
use array_assay_spec::Spec;

/// The functions that the tiny worker has.
pub const FUNCTIONS: [&str; 6] = ["abs", "add", "isnan", "logical_not", "negative", "sqrt"];

/// The tiny worker with a fault, in the form `FAULT[:FUNCTION[:DTYPE]]`. The empty text means no fault.
pub fn backend(fault: &str) -> Backend {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/misbehaving/tiny_worker.py");
    let args = ["-I", "-S", script, fault].into_iter().map(Into::into).collect();
    let command = WorkerCommand { program: python().clone(), args, ..WorkerCommand::default() };
    Backend { name: "tiny".to_owned(), command, language: Language::Other }
}

/// The path of the Python interpreter. The wrapper of a version manager would take more time than a run.
fn python() -> &'static PathBuf {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let output = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().expect("a python3 in the PATH");
        String::from_utf8(output.stdout).unwrap().trim().into()
    })
}

/// The options of a small run. The limits are wide, so that a busy machine causes no fault.
pub fn options() -> Options {
    Options {
        select: FUNCTIONS.iter().map(|name| format!("elementwise/{name}").parse().unwrap()).collect(),
        cases: 60,
        limits: Limits::new(Duration::from_secs(60), None),
        ..Options::default()
    }
}

/// Keeps the notes that a run reports.
#[derive(Default)]
pub struct Notes(pub Mutex<Vec<String>>);

impl Progress for Notes {
    fn event(&self, event: Event<'_>) {
        if let Event::Note(line) = event {
            self.0.lock().unwrap().push(line.to_owned());
        }
    }
}

/// A run without a results file.
pub fn run(backend: &Backend, options: &Options) -> Result<Run, RunError> {
    conform(Spec::embedded(), backend, options, None, None, &AtomicBool::new(false), &())
}

/// A run as a results file would hold it.
pub fn results(run: Run) -> Results {
    Results { header: run.header, checks: run.checks, footer: run.footer.expect("nobody stopped the run") }
}

/// The results of the worker without a fault.
pub fn undisturbed() -> &'static Results {
    static RESULTS: OnceLock<Results> = OnceLock::new();
    RESULTS.get_or_init(|| results(run(&backend(""), &options()).unwrap()))
}

/// The checks by id.
pub fn by_id(checks: &[Check]) -> BTreeMap<String, &Check> {
    checks.iter().map(|check| (check.id.to_string(), check)).collect()
}

/// The deviations and flaky cells, one line each, such as `negative::value int8 fail wrong-value`.
pub fn deviations(checks: &[Check]) -> Vec<String> {
    let mut out = Vec::new();
    for check in checks {
        let name = check.id.to_string().replace("elementwise/", "");
        let counts = array_assay_format::Verdict::is_deviation;
        let cells = check.cells.iter().filter(|cell| counts(cell.verdict));
        let lines: Vec<String> =
            cells.map(|cell| format!("{name} {} {} {}", cell.dtype, cell.verdict, cell.cause.map_or("", |cause| cause.word()))).collect();
        if lines.is_empty() && counts(check.verdict) {
            out.push(format!("{name} {}", check.verdict));
        }
        out.extend(lines.into_iter().map(|line| line.trim_end().replace("  ", " ")));
    }
    out.sort();
    out
}
