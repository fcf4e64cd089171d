//! The commands and options of the command line.

use std::path::PathBuf;

use array_assay_format::{Glob, Level, Revision};
use array_assay_harness::run::CASES;
use array_assay_interface::DType;
use clap::{Args, Parser, Subcommand};

/// Test how far an array library follows the Python Array API standard, where it deviates, and how accurate it is.
#[derive(Debug, Parser)]
#[command(name = "array-assay", version, about, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Test backends against the standard.
    Conform(Conform),
    /// Find out which library runs which workload of scikit-learn and SciPy, and what stands in the way.
    Consumers(Consumers),
    /// Write an HTML report from results files.
    Report(Report),
    /// Run what a file of libraries and versions asks for and has no results yet, and write the report of all results.
    Publish(Publish),
    /// Print a badge, or a table in Markdown, from results files.
    Badge(Badge),
    /// Compare two results files. The exit code is 1 if there are regressions.
    Compare(Compare),
    /// Merge the results of all shards of a run, and decide the exit code for the whole run.
    Merge(Merge),
    /// Update a baseline, which is a file of known deviations, or begin one.
    Baseline(Baseline),
    /// List the ids of all checks, without running any.
    Checks(Checks),
    /// Print a bug report for one deviation, with a self-contained script that shows it.
    Repro(Repro),
    /// Run the script of every deviation in results files without the harness, and check that each script shows its deviation.
    Scripts(Scripts),
    /// List functions that the standard or a backend lacks as Markdown, those in most demand first.
    Gaps(Gaps),
    /// Check the spec, show which clauses are tested, or compare the spec with the standard's text.
    Spec(Spec),
    /// Inject faults into the reference and count how many the tests find.
    Mutants(Mutants),
    /// Measure the calls per second of a run, compare them with a plain NumPy loop, and show where the time goes.
    Bench(Bench),
    /// Run the tests of the workspace.
    Test(Test),
    /// Write the polyfills as a package, or list those that a backend needs.
    Polyfill(Polyfill),
    /// Build the Python wheel of this program, and try it in a new environment.
    Wheel(Wheel),
    /// Write the generated files.
    Codegen(Codegen),
    /// Check the repository's own rules.
    Tidy,
    /// Run as a worker that speaks the protocol on stdin and stdout.
    #[command(hide = true)]
    Worker(Worker),
}

/// How many cases a function has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cases {
    /// So many.
    Number(u32),
    /// As many as its covering design needs.
    Pairs,
}

impl std::str::FromStr for Cases {
    type Err = String;

    fn from_str(text: &str) -> Result<Cases, String> {
        match text.parse() {
            Ok(n @ 1..) => Ok(Cases::Number(n)),
            _ if text == "pairs" => Ok(Cases::Pairs),
            _ => Err("give a number from 1 on, or `pairs`".to_owned()),
        }
    }
}

#[derive(Debug, Clone, Args)]
pub struct Conform {
    /// Backends to test: ndarray, cuda, cuda-host, reference, numpy, array-api-strict, compat:numpy, ..., python:MODULE, exec:COMMAND, polyfilled:BACKEND.
    #[arg(default_value = "ndarray")]
    pub backends: Vec<String>,
    /// Run only checks whose id matches this glob, such as 'elementwise/*' or '*::special/*'. May be repeated.
    #[arg(long = "select", value_name = "GLOB")]
    pub select: Vec<Glob>,
    /// Test only this dtype. May be repeated.
    #[arg(long = "dtype", value_name = "DTYPE", value_parser = crate::nearest::dtype)]
    pub dtypes: Vec<DType>,
    /// Number of cases of each function. Each of its special cases has half as many, and from 200 on a function whose choices make many pairs
    /// gets up to twice as many [default: 250, fewer for slow libraries]. `pairs` makes as many as each function needs until every pair of
    /// choices that its calls can make was made, from 25 to 1000.
    #[arg(long, value_name = "N|pairs")]
    pub cases: Option<Cases>,
    /// Seed of the random cases. The same seed gives the same verdicts.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Number of workers that run at the same time [default: one per processor].
    #[arg(long)]
    pub jobs: Option<usize>,
    /// Run only part I of N of the run. `merge` puts the results of all parts together.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<(u32, u32)>,
    /// Results of an earlier run: the parts of --shard are to take equally long by its times. Give all parts the same file.
    #[arg(long, value_name = "RESULTS", requires = "shard")]
    pub balance: Option<PathBuf>,
    /// Time limit for one program, in seconds.
    #[arg(long, default_value_t = 10.0, value_parser = seconds)]
    pub timeout: f64,
    /// Memory limit of a worker, in MiB of resident memory. A worker that exceeds it is stopped (on Linux only).
    #[arg(long, default_value_t = 4096, value_name = "MIB")]
    pub memory: u64,
    /// Check every frame that the worker sends against the protocol, and report each fault. For authors of workers.
    #[arg(long)]
    pub validate: bool,
    /// Also make calls whose result the standard leaves open, such as a division of integers by zero or an index beyond the end. They may give
    /// anything or raise; a process that ends or blocks is a deviation of the check `call/open`, at quality.
    #[arg(long)]
    pub open: bool,
    /// Also replay the workloads of consumers, such as scikit-learn, as `--select 'consumers/*'` alone does. Their checks are at quality.
    #[arg(long, conflicts_with_all = ["shard", "select"])]
    pub consumers: bool,
    /// Make the calls on this device of the library, such as cuda:0: every array is brought there before the call.
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<String>,
    /// Also make calls on N elements, whose results are known without an oracle (check `value/large`, at quality). Without a number, 2^24.
    /// With 2147483649 they need up to 16 GiB, so give `--memory` and `--timeout` too.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "16777216", value_parser = clap::value_parser!(u64).range(16..))]
    pub large: Option<u64>,
    /// Print what the cases of each function tried: judged checks by dtypes, those without a case, choices and pairs of them that were met.
    #[arg(long)]
    pub coverage: bool,
    /// Continue a run that was stopped. If the run has finished, show its outcome again.
    #[arg(long)]
    pub resume: bool,
    /// Run N times in all, each time with the next seed, and say which deviations every run finds. One that only some find makes the exit
    /// code 1, unless the baseline names it.
    #[arg(long, value_name = "N", conflicts_with_all = ["resume", "shard", "update_baseline"], value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub verify: Option<u32>,
    #[command(flatten)]
    pub gate: Gate,
    /// The Python interpreter for python:MODULE.
    #[arg(long, value_name = "PYTHON")]
    pub python: Option<PathBuf>,
    /// Folder for the results and the report.
    #[arg(long, default_value = "target/conform", value_name = "DIR")]
    pub out: PathBuf,
}

/// Options that decide which deviations count for the exit code, and which of them are already known.
#[derive(Debug, Clone, Args)]
pub struct Gate {
    /// Revision of the standard for the exit code and the summary, such as 2024.12. `claimed` is the one that the library claims.
    #[arg(long, default_value = "claimed")]
    pub revision: String,
    /// Count deviations at this level and at more binding levels. The levels are must, should and quality.
    #[arg(long, default_value = "must")]
    pub level: Level,
    /// File of known deviations. May be repeated; later files override earlier ones and the baseline that ships with the backend.
    #[arg(long = "baseline", value_name = "FILE")]
    pub baselines: Vec<PathBuf>,
    /// Use no baseline: neither the shipped one nor those of --baseline.
    #[arg(long)]
    pub no_baseline: bool,
    /// Update the last --baseline file, or else the shipped baseline, with the deviations of this run, as `baseline update` does.
    #[arg(long)]
    pub update_baseline: bool,
    /// For whom the outcome is written: `github` adds annotations, and a summary in the file that $GITHUB_STEP_SUMMARY names.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// For whom the outcome of a run is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, on a terminal.
    Text,
    /// For a job of GitHub Actions as well.
    Github,
    /// For GitLab as well: a code quality report, `gl-code-quality-report.json`, beside the results.
    Gitlab,
    /// For code scanning as well: a log in SARIF 2.1.0, `results.sarif`, beside the results.
    Sarif,
}

#[derive(Debug, Args)]
pub struct Checks {
    /// A glob over check ids, such as 'elementwise/*' or '*::special/*'; may be repeated.
    #[arg(long = "select", value_name = "GLOB")]
    pub select: Vec<Glob>,
    /// Only checks that a gate at this level counts: must, should, quality (which takes in what the standard lacks) [default: all].
    #[arg(long)]
    pub level: Option<Level>,
    /// Only checks of this revision, such as 2024.12 [default: all published ones].
    #[arg(long)]
    pub revision: Option<Revision>,
}

#[derive(Debug, Args)]
pub struct Wheel {
    /// The profile of cargo: `release` for a wheel to publish.
    #[arg(long, default_value = "dev")]
    pub profile: String,
    /// Where the wheel goes.
    #[arg(long, default_value = "target/wheel", value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct Baseline {
    #[command(subcommand)]
    pub command: BaselineCommand,
}

#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Update a baseline from existing results files. Their deviations become known deviations.
    ///
    /// Each entry names the check, the cause, the dtypes and the kinds of deviation. An existing entry keeps its reason, its link and its
    /// place in the file. An entry without dtypes passes its reason on to all deviations of its check and cause.
    ///
    /// With several results files from different seeds, a deviation that occurs in only some of them is marked `intermittent: true`: a run
    /// in which it does not occur is fine too. An entry whose deviation occurs in no results file is removed, if a run with the entry's seed
    /// and at least as many cases judged it. Otherwise it stays. Entries of checks that did not run stay as well.
    Update(BaselineUpdate),
    /// Begin a baseline with the lists of expected failures and skips of the official test suite, array-api-tests.
    ///
    /// Each line that names a test, such as `array_api_tests/test_linalg.py::test_svd`, becomes an entry on the checks that judge the same; the
    /// comment above it becomes the reason. Lines that no check corresponds to are printed. A run with the new file says which entries are not
    /// needed; `--update-baseline` then narrows the others to what deviates.
    Import(BaselineImport),
}

#[derive(Debug, Args)]
pub struct BaselineImport {
    /// Lists of tests, one a line, with comments after `#`.
    #[arg(required = true, value_name = "FILE")]
    pub lists: Vec<PathBuf>,
    /// The file to write. What it holds already stays.
    #[arg(long, value_name = "FILE")]
    pub baseline: PathBuf,
}

#[derive(Debug, Args)]
pub struct BaselineUpdate {
    /// Results files of one version of one backend.
    #[arg(required = true)]
    pub results: Vec<PathBuf>,
    /// The baseline to update. It is created if it does not exist [default: the one that ships with the backend].
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Record deviations at this level and at more binding levels. The levels are must, should and quality.
    #[arg(long, default_value = "must")]
    pub level: Level,
}

#[derive(Debug, Args)]
pub struct Report {
    /// Results files. A folder stands for all files called results.jsonl in it and in its folders.
    #[arg(required = true)]
    pub results: Vec<PathBuf>,
    /// Folder for the pages.
    #[arg(long, default_value = "target/conform")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct Publish {
    /// A file that names libraries, versions, seeds and cases.
    pub matrix: PathBuf,
    /// Folder for the results. Runs whose results are in it are not repeated, and a run that was stopped goes on.
    #[arg(long, default_value = "target/publish/results", value_name = "DIR")]
    pub results: PathBuf,
    /// Folder for the pages.
    #[arg(long, default_value = "target/publish/site", value_name = "DIR")]
    pub out: PathBuf,
    /// Run only part I of N of what is missing. The results of other parts, from any machine, are copied into the folder of results.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<(u32, u32)>,
    /// Number of workers of each run [default: one per processor].
    #[arg(long)]
    pub jobs: Option<usize>,
    /// Run nothing: write the report of the results that are there.
    #[arg(long, conflicts_with = "shard")]
    pub render: bool,
}

#[derive(Debug, Args)]
pub struct Badge {
    /// Results files. A badge is for one, a table for any number.
    #[arg(required = true)]
    pub results: Vec<PathBuf>,
    /// What to print: an SVG image, JSON for shields.io, or a table in Markdown.
    #[arg(long, value_enum, default_value_t = BadgeFormat::Svg)]
    pub format: BadgeFormat,
}

/// What `badge` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum BadgeFormat {
    /// An SVG image.
    Svg,
    /// JSON for the endpoint badge of shields.io.
    Json,
    /// A table in Markdown, with a row for each results file.
    Markdown,
}

#[derive(Debug, Args)]
pub struct Compare {
    /// Results file of the earlier run.
    pub old: PathBuf,
    /// Results file of the later run.
    pub new: PathBuf,
    /// How it is written: for a terminal, or in Markdown, as a comment on a pull request.
    #[arg(long, value_enum, default_value_t = CompareFormat::Text)]
    pub format: CompareFormat,
}

/// How a comparison is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CompareFormat {
    /// For a terminal.
    Text,
    /// In Markdown, with folded lists.
    Markdown,
}

#[derive(Debug, Args)]
pub struct Merge {
    /// The results files of all shards. A folder stands for all files called results.jsonl in it and in its folders.
    #[arg(required = true)]
    pub shards: Vec<PathBuf>,
    #[command(flatten)]
    pub gate: Gate,
    /// File for the merged results. `junit.xml` is written next to it.
    #[arg(long, default_value = "results.jsonl")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct Repro {
    /// A results file.
    pub results: PathBuf,
    /// Id of a check that deviates in the results file, such as elementwise/add::value.
    pub check: String,
    /// The dtype to show, or a pair such as int8+uint8, if the check deviates on several.
    #[arg(long)]
    pub dtype: Option<String>,
}

#[derive(Debug, Args)]
pub struct Scripts {
    /// Results files of Python libraries.
    #[arg(required = true)]
    pub results: Vec<PathBuf>,
    /// Results file of another library, in place of a fixed version of this one. Each script runs on that library where it conforms, and
    /// has to pass.
    #[arg(long, value_name = "RESULTS")]
    pub fixed: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Gaps {
    #[command(subcommand)]
    pub command: Option<GapsCommand>,
    /// Backend in which to look for the functions. Without one, the known gaps of the standard are listed.
    pub backend: Option<String>,
    /// The Python interpreter for python:MODULE.
    #[arg(long, value_name = "PYTHON")]
    pub python: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum GapsCommand {
    /// Print a draft of a proposal to the standard: prior art, demand, semantics, polyfill and evidence.
    Rfc {
        /// The name of the gap, such as nanmin.
        name: String,
        /// Results file with evidence. May be repeated [default: all results below target/conform].
        #[arg(long = "results", value_name = "FILE")]
        results: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct Spec {
    #[command(subcommand)]
    pub command: SpecCommand,
}

#[derive(Debug, Subcommand)]
pub enum SpecCommand {
    /// Check the spec for faults: an input exists for every condition, every clause is tested or says why not, every link has a page.
    Check {
        /// Folder to read the spec from, in place of the repository's or the built-in one.
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// List each clause with a check that tests it, or with the reason why none does.
    Coverage {
        /// Write an HTML page into this folder instead. Use the folder of a report, so that links between the two work.
        #[arg(long, value_name = "DIR")]
        html: Option<PathBuf>,
        /// Results files whose verdicts the page shows.
        #[arg(requires = "html")]
        results: Vec<PathBuf>,
    },
    /// List parts of the standard's text that no clause covers, and pages of its site that are new or gone.
    Diff {
        /// A checkout of data-apis/array-api.
        #[arg(long, value_name = "DIR")]
        upstream: PathBuf,
        /// Read only this revision [default: all revisions].
        #[arg(long)]
        revision: Option<Revision>,
        /// Rewrite spec/pages.yaml, the list of pages of the standard's site to which reports link.
        #[arg(long, conflicts_with = "revision")]
        write_pages: bool,
    },
}

#[derive(Debug, Args)]
pub struct Mutants {
    /// Test only functions that match this glob, such as 'elementwise/*'. May be repeated.
    #[arg(long = "select", value_name = "GLOB")]
    pub select: Vec<Glob>,
    /// Number of cases per stream. The default is that of `conform`.
    #[arg(long, default_value_t = CASES)]
    pub cases: u32,
    /// Seed of the random cases.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Number of mutants that run at the same time [default: one per processor].
    #[arg(long)]
    pub jobs: Option<usize>,
    /// Break each clause of the standard instead, and list the clauses whose own checks do not notice. `--select` then selects functions and
    /// topic pages.
    #[arg(long)]
    pub clauses: bool,
    /// List the faults that no test can find instead, each with the reason.
    #[arg(long, conflicts_with = "clauses")]
    pub reasons: bool,
}

#[derive(Debug, Args)]
pub struct Consumers {
    #[command(subcommand)]
    pub command: ConsumersCommand,
}

#[derive(Debug, Subcommand)]
pub enum ConsumersCommand {
    /// Run workloads on array-api-strict, and write what they call as profiles. `conform --select 'consumers/*' --level quality` replays them.
    Trace(Trace),
    /// Run the real consumers on a real library, each workload in a process of its own.
    Truth(Truth),
    /// Read what consumers say of libraries (SciPy's table of capabilities, scikit-learn's tags and tests), and hold it against what they
    /// really do there.
    Claims(Claims),
    /// Hold the replays of results files against what the real consumers do.
    Compare(CompareConsumers),
    /// Run the consumers on array-api-strict while it takes one freedom of the standard at a time.
    Freedoms(Freedoms),
    /// Rank what libraries lack by the workloads that it blocks.
    Impact(Impact),
    /// Make the calls by which scipy.linalg is compared with numpy.linalg, and say where the comparison is not true.
    Linalg,
    /// Try scikit-learn's LinearDiscriminantAnalysis on a library: each solver and method, and a fitted one on another device.
    Lda(Lda),
}

#[derive(Debug, Args)]
pub struct Trace {
    /// A Python file with workloads of a consumer of your own: an object `WORKLOADS` of the class `array_assay_consumers.workload.Workloads`.
    pub file: Option<PathBuf>,
    /// Trace only workloads whose name, such as scikit-learn/LabelEncoder, matches this glob.
    #[arg(long, default_value = "*", value_name = "GLOB")]
    pub select: String,
    /// Write nothing, and compare with the profiles that are there.
    #[arg(long)]
    pub check: bool,
    /// Folder for the profiles.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Truth {
    /// A Python library that is known by name.
    pub backend: String,
    /// Run only workloads whose name matches this glob. Only a run of all is written down, unless --out is given.
    #[arg(long, default_value = "*", value_name = "GLOB")]
    pub select: String,
    /// Time limit for one workload, in seconds.
    #[arg(long, default_value_t = 60.0, value_parser = seconds)]
    pub timeout: f64,
    /// File for what became of each workload.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Claims {
    /// Write nothing, and compare with what is there.
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct CompareConsumers {
    /// Results files with replays of consumers.
    #[arg(required = true)]
    pub results: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Freedoms {
    /// Run only workloads whose name matches this glob.
    #[arg(long, default_value = "*", value_name = "GLOB")]
    pub select: String,
}

#[derive(Debug, Args)]
pub struct Impact {
    /// Results files with replays of consumers.
    #[arg(required = true)]
    pub results: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Lda {
    /// A Python library that is known by name.
    #[arg(default_value = "array-api-strict")]
    pub backend: String,
}

#[derive(Debug, Args)]
pub struct Bench {
    /// Measure something else.
    #[arg(value_enum)]
    pub what: Option<Measured>,
    /// Number of samples, for `consumers`.
    #[arg(long, default_value_t = 50_000, requires = "what")]
    pub samples: u32,
    /// The dtype of the samples, for `consumers`. Half a million samples in float64 take about 10 GiB.
    #[arg(long, default_value = "float64", value_parser = ["float64", "float32"], requires = "what")]
    pub dtype: String,
    /// How often everything is timed, for `consumers`.
    #[arg(long, default_value_t = 3, requires = "what")]
    pub turns: u32,
    /// A library to time beside NumPy, for `consumers`. May be repeated.
    #[arg(long = "library", value_name = "NAME", default_value = "compat:torch", requires = "what")]
    pub libraries: Vec<String>,
    /// A Python interpreter that has libraries (numpy, torch, jax, dask) and array-api-extra, for `polyfills`.
    #[arg(long, requires = "what")]
    pub python: Option<PathBuf>,
    /// Number of cases per stream. More than `conform` has by default, so that what a run does once weighs little.
    #[arg(long, default_value_t = 2 * CASES)]
    pub cases: u32,
    /// Measure only checks whose id matches this glob. May be repeated.
    #[arg(long = "select", value_name = "GLOB", default_value = "elementwise/*")]
    pub select: Vec<Glob>,
    /// Measure the whole standard, as `conform numpy` tests it.
    #[arg(long, conflicts_with = "select")]
    pub all: bool,
}

/// What else is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Measured {
    /// The functions of the emitted Python package, against array-api-extra and the libraries.
    Polyfills,
    /// scikit-learn's LinearDiscriminantAnalysis on NumPy and other libraries.
    Consumers,
    /// The namespace for NVIDIA GPUs, beside what the GPU can do at most.
    Cuda,
    /// The same on the processor.
    CudaHost,
}

#[derive(Debug, Args)]
pub struct Test {
    /// Arguments for `cargo test`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub args: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Polyfill {
    /// The language of the package.
    #[arg(long, requires = "out")]
    pub lang: Option<Language>,
    /// Folder for the package.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Results file of a library. The package calls the library's own function, in that version, where the function passed every check,
    /// beside those that it knows to have passed. May be repeated.
    #[arg(long = "results", value_name = "RESULTS")]
    pub results: Vec<PathBuf>,
    /// Results file of a library: note in the repository which of its own functions passed every check. May be repeated.
    #[arg(long = "verify", value_name = "RESULTS", conflicts_with_all = ["lang", "out"])]
    pub verify: Vec<PathBuf>,
    /// Build the Python package as a wheel in this folder, and run its tests, its doctests, mypy and pyright in a new
    /// environment.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["lang", "out", "verify"])]
    pub wheel: Option<PathBuf>,
    /// A package to install beside the wheel, for its tests. May be repeated.
    #[arg(long, value_name = "PACKAGE", default_values_t = ["numpy".to_owned(), "array-api-strict".to_owned()])]
    pub with: Vec<String>,
    /// List the polyfills that this backend needs instead, and the functions that no polyfill can give it.
    #[arg(long = "plan", value_name = "BACKEND", conflicts_with_all = ["lang", "out"])]
    pub backend: Option<String>,
    /// The Python interpreter: for python:MODULE, or the one that builds the wheel.
    #[arg(long)]
    pub python: Option<PathBuf>,
}

/// The language of a package of polyfills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// A package for any library that follows the standard.
    Python,
    /// A crate for any backend in Rust.
    Rust,
}

#[derive(Debug, Args)]
pub struct Codegen {
    /// Write nothing; only check that the files are up to date.
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct Worker {
    /// The backend: reference.
    pub backend: String,
    /// Fault to inject into the reference.
    #[arg(long)]
    pub mutant: Option<String>,
}

/// Reads a time limit.
fn seconds(text: &str) -> Result<f64, String> {
    /// A day. A limit that nobody waits for would only overflow.
    const MOST: f64 = 86400.0;
    let seconds: f64 = text.parse().map_err(|_| "give a number of seconds".to_owned())?;
    if seconds > 0.0 && seconds <= MOST { Ok(seconds) } else { Err(format!("give a positive number of seconds, at most {MOST}")) }
}

fn shard(text: &str) -> Result<(u32, u32), String> {
    let parsed = text.split_once('/').and_then(|(i, n)| Some((i.parse::<u32>().ok()?, n.parse::<u32>().ok()?)));
    parsed.filter(|(i, n)| 1 <= *i && i <= n).ok_or_else(|| "expected I/N with 1 <= I <= N, such as 2/4".to_owned())
}
