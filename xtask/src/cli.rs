//! The options.

use std::path::PathBuf;

use array_assay_format::{Glob, Level, Revision};
use array_assay_interface::DType;
use clap::{Args, Parser, Subcommand};

/// How far an array library follows the Python Array API standard, where exactly it does not, and how accurate it is.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge backends by the standard.
    Conform(Conform),
    /// Write the HTML report of results files.
    Report(Report),
    /// Compare two results files; exit code 1 on regressions.
    Compare(Compare),
    /// Put the results of all shards of a run together, and decide the gate.
    Merge(Merge),
    /// Known deviations: bring a file of them up to date.
    Baseline(Baseline),
    /// A self-contained script that shows a deviation, and a ready bug report.
    Repro(Repro),
    /// Run the scripts of all deviations in results files, each with the library alone: do they show what they are to show?
    Scripts(Scripts),
    /// What the standard and a backend lack, those most in demand first, as Markdown.
    Gaps(Gaps),
    /// Audit the spec.
    Spec(Spec),
    /// Inject faults into the reference and see whether they are found.
    Mutants(Mutants),
    /// Measure calls per second against a bare NumPy loop, and where the time goes.
    Bench(Bench),
    /// Run the tests of the workspace.
    Test(Test),
    /// Write the polyfills as a package, or say which of them a backend needs.
    Polyfill(Polyfill),
    /// Write the generated files.
    Codegen(Codegen),
    /// Check the repository's own rules.
    Tidy,
    /// Be a worker: speak the protocol on stdin and stdout.
    #[command(hide = true)]
    Worker(Worker),
}

#[derive(Debug, Clone, Args)]
pub struct Conform {
    /// ndarray, reference, numpy, array-api-strict, compat:numpy, python:MODULE, exec:COMMAND, polyfilled:BACKEND.
    #[arg(default_value = "ndarray")]
    pub backends: Vec<String>,
    /// A glob over check ids, such as 'elementwise/*' or '*::special/*'; may be repeated.
    #[arg(long = "select", value_name = "GLOB")]
    pub select: Vec<Glob>,
    /// Only this dtype; may be repeated.
    #[arg(long = "dtype", value_name = "DTYPE", value_parser = crate::nearest::dtype)]
    pub dtypes: Vec<DType>,
    /// Cases a stream: a function has one stream, and one for each of its special cases [default: 1000, fewer for slow libraries].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub cases: Option<u32>,
    /// The same seed gives the same verdicts.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Workers at once [default: one a processor].
    #[arg(long)]
    pub jobs: Option<usize>,
    /// Run shard I of N, as I/N; `merge` puts them together.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<(u32, u32)>,
    /// Seconds for one program.
    #[arg(long, default_value_t = 10.0)]
    pub timeout: f64,
    /// Resident size in MiB above which a worker is ended (where the system tells: Linux).
    #[arg(long, default_value_t = 4096, value_name = "MIB")]
    pub memory: u64,
    /// Check every frame of the worker against the protocol, and say what is wrong with it: for whoever writes a worker.
    #[arg(long)]
    pub validate: bool,
    /// Go on with a run that was stopped; of a finished one, tell the outcome again.
    #[arg(long)]
    pub resume: bool,
    #[command(flatten)]
    pub gate: Gate,
    /// The interpreter for python:MODULE.
    #[arg(long, value_name = "PYTHON")]
    pub python: Option<PathBuf>,
    /// Where results and report go.
    #[arg(long, default_value = "target/conform", value_name = "DIR")]
    pub out: PathBuf,
}

/// What counts, and what is known.
#[derive(Debug, Clone, Args)]
pub struct Gate {
    /// Revision for the gate and the summary: `claimed` or one such as 2024.12.
    #[arg(long, default_value = "claimed")]
    pub revision: String,
    /// The gate counts deviations at this level and more binding ones: must, should, quality.
    #[arg(long, default_value = "must")]
    pub level: Level,
    /// Known deviations; may be repeated, later files over earlier ones. Named backends ship one, read first.
    #[arg(long = "baseline", value_name = "FILE")]
    pub baselines: Vec<PathBuf>,
    /// Read no baseline, neither the one that is shipped nor those of --baseline.
    #[arg(long)]
    pub no_baseline: bool,
    /// Bring the last baseline file up to date with this run, as `baseline update` does.
    #[arg(long)]
    pub update_baseline: bool,
}

#[derive(Debug, Args)]
pub struct Baseline {
    #[command(subcommand)]
    pub command: BaselineCommand,
}

#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Bring a baseline up to date from results that exist: what deviates in them becomes known.
    ///
    /// Each entry names check, cause, dtypes and kinds of deviation. An entry that exists keeps its reason, link and place; one that names no
    /// dtypes gives its reason to everything of its check and cause. Of several results files, with different seeds, what only some met is
    /// marked `intermittent: true`: a run may pass it by. What no results file met is removed, where a run with the seed of its entry and at
    /// least as many cases judged it; else it stays, as do entries on checks that did not run.
    Update(BaselineUpdate),
}

#[derive(Debug, Args)]
pub struct BaselineUpdate {
    /// Results files of one backend in one version.
    #[arg(required = true)]
    pub results: Vec<PathBuf>,
    /// The file to read, if it exists, and to write [default: the one that the backend ships].
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Deviations at this level and more binding ones become known: must, should, quality.
    #[arg(long, default_value = "must")]
    pub level: Level,
}

#[derive(Debug, Args)]
pub struct Report {
    /// Results files.
    #[arg(required = true)]
    pub results: Vec<PathBuf>,
    /// Where the pages go.
    #[arg(long, default_value = "target/conform")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct Compare {
    /// The earlier results.
    pub old: PathBuf,
    /// The later results.
    pub new: PathBuf,
}

#[derive(Debug, Args)]
pub struct Merge {
    /// The results files of all shards.
    #[arg(required = true)]
    pub shards: Vec<PathBuf>,
    #[command(flatten)]
    pub gate: Gate,
    /// The file for the merged results; `junit.xml` is written beside it.
    #[arg(long, default_value = "results.jsonl")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct Repro {
    /// A results file.
    pub results: PathBuf,
    /// A check that deviates in it.
    pub check: String,
    /// Of several dtypes, or pairs such as int8+uint8, the one to show.
    #[arg(long)]
    pub dtype: Option<String>,
}

#[derive(Debug, Args)]
pub struct Scripts {
    /// Results files of Python libraries.
    #[arg(required = true)]
    pub results: Vec<PathBuf>,
    /// Results of a library that stands in for one that is mended: the scripts run on it where it conforms, and have to pass.
    #[arg(long, value_name = "RESULTS")]
    pub fixed: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Gaps {
    #[command(subcommand)]
    pub command: Option<GapsCommand>,
    /// The backend in which to look for them; none lists what is known.
    pub backend: Option<String>,
    /// The interpreter for python:MODULE.
    #[arg(long, value_name = "PYTHON")]
    pub python: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum GapsCommand {
    /// The skeleton of a proposal to the standard: prior art, demand, semantics, polyfill, evidence.
    Rfc {
        /// The name of the gap, such as nanmin.
        name: String,
        /// Results files with evidence; may be repeated [default: those below target/conform].
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
    /// Is it sound: do all expressions have witnesses, do all clauses name checks, do all links have a page?
    Check {
        /// Read the spec from this folder instead of the one built in.
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// For each clause the checks that test it, or why none does.
    Coverage {
        /// Write a page of it into this folder instead, best that of a report.
        #[arg(long, value_name = "DIR")]
        html: Option<PathBuf>,
        /// Results files whose verdicts the page shows.
        #[arg(requires = "html")]
        results: Vec<PathBuf>,
    },
    /// What of the standard's text no clause claims, and which pages of its site are new or gone.
    Diff {
        /// A checkout of data-apis/array-api.
        #[arg(long, value_name = "DIR")]
        upstream: PathBuf,
        /// The only revision to read; all of them otherwise.
        #[arg(long)]
        revision: Option<Revision>,
        /// Write spec/pages.yaml anew: the pages of the standard's site, to which reports link.
        #[arg(long, conflicts_with = "revision")]
        write_pages: bool,
    },
}

#[derive(Debug, Args)]
pub struct Mutants {
    /// A glob over functions, such as 'elementwise/*'; may be repeated.
    #[arg(long = "select", value_name = "GLOB")]
    pub select: Vec<Glob>,
    /// Cases a stream: as many as `conform` draws.
    #[arg(long, default_value_t = 1000)]
    pub cases: u32,
    /// The seed.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Mutants at once [default: all processors].
    #[arg(long)]
    pub jobs: Option<usize>,
    /// Break each clause of the standard instead, and say which are not found by a check that tests them. `--select` then takes the places of
    /// clauses: functions and topic pages.
    #[arg(long)]
    pub clauses: bool,
    /// List instead the faults that cannot show, each with the reason.
    #[arg(long, conflicts_with = "clauses")]
    pub reasons: bool,
}

#[derive(Debug, Args)]
pub struct Bench {
    /// Cases a stream.
    #[arg(long, default_value_t = 1000)]
    pub cases: u32,
    /// A glob over check ids; may be repeated.
    #[arg(long = "select", value_name = "GLOB", default_value = "elementwise/*")]
    pub select: Vec<Glob>,
    /// The whole standard, as `conform numpy` judges it.
    #[arg(long, conflicts_with = "select")]
    pub all: bool,
}

#[derive(Debug, Args)]
pub struct Test {
    /// Passed on to `cargo test`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub args: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Polyfill {
    /// The language of the package.
    #[arg(long, requires = "out")]
    pub lang: Option<Language>,
    /// The folder of the package.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Results files: calls of functions that pass in them are delegated to that version of the library; may be repeated.
    #[arg(long = "results", value_name = "RESULTS")]
    pub results: Vec<PathBuf>,
    /// Print instead which polyfills this backend needs, and what stays out of reach.
    #[arg(long = "plan", value_name = "BACKEND", conflicts_with_all = ["lang", "out"])]
    pub backend: Option<String>,
    /// The interpreter of python:MODULE.
    #[arg(long)]
    pub python: Option<PathBuf>,
}

/// A language of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// A package for any library that follows the standard.
    Python,
    /// A crate for any backend in Rust.
    Rust,
}

#[derive(Debug, Args)]
pub struct Codegen {
    /// Only check that the files are up to date.
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct Worker {
    /// ndarray, polyfilled:ndarray or reference.
    pub backend: String,
    /// A fault to inject into the reference.
    #[arg(long)]
    pub mutant: Option<String>,
}

fn shard(text: &str) -> Result<(u32, u32), String> {
    let parsed = text.split_once('/').and_then(|(i, n)| Some((i.parse::<u32>().ok()?, n.parse::<u32>().ok()?)));
    parsed.filter(|(i, n)| 1 <= *i && i <= n).ok_or_else(|| "expected I/N with 1 <= I <= N, such as 2/4".to_owned())
}
