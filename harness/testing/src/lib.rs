//! Makes each check of the Python Array API standard a test of `cargo test`, for the author of a Rust library.
//!
//! A test file with `harness = false` names the backend, and `cargo test` lists and runs the checks by their ids, such as `linalg/svd::shape`.
//! Filters, `--list`, `--exact` and cargo-nextest work as they do for any test:
//!
//! ```no_run
//! // tests/array_api.rs; Cargo.toml has `[[test]] name = "array_api"` with `harness = false`.
//! use array_assay_testing::Suite;
//! # mod mylibrary { pub fn backend() -> impl array_assay_interface::Backend { array_assay_harness::reference::Reference::default() } }
//!
//! fn main() -> std::process::ExitCode {
//!     Suite::new("mylibrary", mylibrary::backend).baseline("known.yaml").main()
//! }
//! ```
//!
//! The library is called in another process, which is this test program again: an abort or a hang costs the checks of one function. A
//! deviation that the baseline names is run all the same, and has to deviate still.

mod function;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use array_assay_format::{CheckId, Level, Revision};
use array_assay_harness::gate::Baseline;
use array_assay_harness::run::{self, Limits, Options, WorkerCommand};
use array_assay_harness::snippet::Language;
use array_assay_interface::{Backend, serve_stdio};
use array_assay_spec::{Spec, checks::CheckDefinition};
use libtest_mimic::{Arguments, Failed, Trial};

use function::Functions;

/// The variable that makes the test program a worker.
const WORKER: &str = "ARRAY_ASSAY_WORKER";

/// The checks of the standard on one library, as tests.
pub struct Suite<B> {
    name: String,
    make: fn() -> B,
    revision: Revision,
    level: Level,
    baseline: Option<PathBuf>,
    options: Options,
}

impl<B: Backend> Suite<B> {
    /// The checks at level must of the newest published revision, with 100 cases a function. `make` makes the backend.
    pub fn new(name: &str, make: fn() -> B) -> Suite<B> {
        let limits = Limits::new(Duration::from_secs(10), Some(4096));
        let options = Options { cases: 100, limits, ..Options::default() };
        let revision = Revision::published().iter().copied().max().unwrap_or(Revision::NEWEST);
        Suite { name: name.to_owned(), make, revision, level: Level::Must, baseline: None, options }
    }

    /// The file of known deviations. A path that is not absolute is below the folder of the package.
    pub fn baseline(mut self, path: impl Into<PathBuf>) -> Suite<B> {
        self.baseline = Some(path.into());
        self
    }

    /// The number of cases of each function.
    pub fn cases(mut self, cases: u32) -> Suite<B> {
        self.options.cases = cases;
        self
    }

    /// The seed of the cases.
    pub fn seed(mut self, seed: u64) -> Suite<B> {
        self.options.seed = seed;
        self
    }

    /// The revision of the standard that the library follows.
    pub fn revision(mut self, revision: Revision) -> Suite<B> {
        self.revision = revision;
        self
    }

    /// The least binding level whose checks are tests.
    pub fn level(mut self, level: Level) -> Suite<B> {
        self.level = level;
        self
    }

    /// Runs the tests that the command line asks for. The whole of `main`.
    pub fn main(self) -> ExitCode {
        if std::env::var_os(WORKER).is_some() {
            return match serve_stdio((self.make)()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            };
        }
        let arguments = Arguments::from_args();
        let asked = arguments.filter.clone().filter(|_| arguments.exact);
        match self.trials(asked.as_deref(), arguments.list) {
            Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
            Err(why) => {
                eprintln!("error: failed to {why}");
                ExitCode::FAILURE
            }
        }
    }

    /// Makes a test of each check, or of the one with the name `asked`, as `--exact` gives it. To list the tests no baseline is read.
    fn trials(self, asked: Option<&str>, lists: bool) -> Result<Vec<Trial>, String> {
        let baseline = if lists { Baseline::default() } else { self.known()? };
        let own = std::env::current_exe().map_err(|error| format!("find this program's own file: {error}"))?;
        let env: Vec<(OsString, OsString)> = vec![(WORKER.into(), "1".into())];
        let command = WorkerCommand { program: own, env, ..WorkerCommand::default() };
        let backend = run::Backend { name: self.name.clone(), command, language: Language::Other };
        let options = Options { known: baseline, ..self.options.clone() };
        let asked: Option<CheckId> = asked.map(|name| name.parse().map_err(|_| format!("run {name}: it is no check"))).transpose()?;
        let is_asked = |id: &CheckId| asked.as_ref().is_none_or(|asked| id == asked);
        let functions = Arc::new(Functions::new(backend, options, self.revision, self.level).only(asked.clone()));
        let checks = Spec::embedded().checks().filter(|check| self.counts(check) && is_asked(&check.id));
        Ok(checks.map(|check| trial(check.id, Arc::clone(&functions))).collect())
    }

    /// Whether a check is of the revision and the level. Calls that a run makes only if it is asked to are no tests.
    fn counts(&self, check: &CheckDefinition) -> bool {
        let applies = check.since <= self.revision && check.until.is_none_or(|last| self.revision <= last);
        applies && check.gated_at.unwrap_or(check.level) <= self.level && self.options.selects(&check.id)
    }

    fn known(&self) -> Result<Baseline, String> {
        let Some(path) = &self.baseline else { return Ok(Baseline::default()) };
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
        Baseline::read(&package.join(path)).map_err(|error| error.to_string())
    }
}

/// The test of a check.
fn trial(id: CheckId, functions: Arc<Functions>) -> Trial {
    Trial::test(id.to_string(), move || functions.outcome(&id).map_err(Failed::from))
}
