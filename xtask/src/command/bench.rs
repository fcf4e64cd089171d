//! `bench`: measures the calls per second of a run on NumPy, and compares them with a plain Python loop over the same calls. For
//! the namespace for GPUs: its throughput.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

use array_assay_format::Footer;
use array_assay_harness::bench::sample;
use array_assay_harness::run::{Options, WorkerCommand, conform};
use array_assay_interface::{Block, encode_batch};
use array_assay_process::Group;
use array_assay_spec::Spec;

use super::conform::default_jobs;
use super::gate::shipped_baseline;
use crate::backend;
use crate::cli;
use crate::exit::{Error, Exit};
use crate::place;
use crate::rust_backend::{self, RustBackend};

const BARE_LOOP: &str = include_str!("bare_loop.py");

/// One of so many cases goes into the plain loop.
const STRIDE: usize = 10;

/// How often the plain loop and the run take turns. Each run is compared with the loop before it, and the median of these ratios counts:
/// other work of the machine then slows both of a pair.
const ROUNDS: usize = 7;

/// Runs the command.
pub fn run(options: &cli::Bench) -> Result<Exit, Error> {
    match options.what {
        Some(cli::Measured::Polyfills) => return super::polyfill::timed(options.python.as_deref()),
        Some(cli::Measured::Consumers) => return super::consumers::timed(options),
        Some(cli::Measured::Cuda) => return throughput(&rust_backend::CUDA),
        Some(cli::Measured::CudaHost) => return throughput(&rust_backend::CUDA_HOST),
        None => {}
    }
    let spec = Spec::embedded();
    let named = backend::find("numpy", None, &mut |line| warn_line!("{line}"))?;
    let select = if options.all { &[][..] } else { &options.select };
    let sampled = sample(spec, select, options.cases, STRIDE);
    let programs: Vec<Block> = sampled.programs.iter().cloned().map(Block::from).collect();
    let bytes = encode_batch(0, &programs).map_err(|e| Error::Fault(e.to_string()))?;
    let file = place::state().join("bench-programs.bin");
    std::fs::write(&file, bytes).map_err(|source| Error::File { what: "write", path: file.clone(), source })?;
    let bare = || -> Result<f64, Error> {
        let mut command = Command::new(&named.backend.command.program);
        // The folder from which the worker imports MessagePack.
        let append = named.backend.command.args.iter().skip_while(|arg| *arg != "--append-path").nth(1);
        command.args(["-P", "-c", BARE_LOOP]).arg("numpy").arg(&file).envs(append.map(|dir| ("PYTHONPATH", dir)));
        let output = command.output().map_err(|e| Error::Fault(format!("start the plain Python loop: {e}")))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let rate = text.split_once(' ').and_then(|(n, s)| Some(n.parse::<f64>().ok()? / s.trim().parse::<f64>().ok()?));
        rate.ok_or_else(|| Error::Fault(format!("run the plain Python loop: {}", String::from_utf8_lossy(&output.stderr))))
    };
    let run_options = Options {
        select: select.to_vec(),
        cases: options.cases,
        jobs: default_jobs(),
        known: shipped_baseline(named.baseline)?,
        ..Options::default()
    };
    let end_to_end = || -> Result<Footer, Error> {
        let run = conform(spec, &named.backend, &run_options, None, None, &AtomicBool::new(false), &())?;
        run.footer.ok_or_else(|| Error::Fault("finish the measured run".to_owned()))
    };
    let mut turns: Vec<(f64, Footer)> = (0..ROUNDS).map(|_| Ok((bare()?, end_to_end()?))).collect::<Result<_, Error>>()?;
    let ratio = |(bare, footer): &(f64, Footer)| rate_of(footer) / bare;
    turns.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let middle = &turns[ROUNDS / 2];
    let (bare, footer) = middle;
    let (calls, timing) = (footer.calls as f64, footer.timing);
    print_line!("median of {ROUNDS} rounds");
    print_line!("plain Python loop over NumPy calls  {bare:>9.0} calls/s");
    print_line!("full run: generate, run, judge      {:>9.0} calls/s  ({} calls)", rate_of(footer), footer.calls);
    print_line!(
        "ratio                               {:>9.3}  ({:.3} to {:.3})",
        ratio(middle),
        ratio(&turns[0]),
        ratio(&turns[ROUNDS - 1])
    );
    print_line!();
    let per_call = |seconds: f64| 1e6 * seconds / calls;
    let oracle = 1e6 * sampled.oracle.as_secs_f64() / sampled.programs.len() as f64;
    print_line!(
        "microseconds per call (with {:.1} elements on average), summed over {} threads; the workers run at the same time as the harness",
        sampled.elements as f64 / sampled.programs.len() as f64,
        run_options.jobs
    );
    print_line!("  generation                 {:>6.2}", per_call(timing.generate_s));
    print_line!("  wire (encoding)            {:>6.2}", per_call(timing.wire_s));
    print_line!("  oracle                     {oracle:>6.2}");
    print_line!("  judging, without oracle    {:>6.2}", per_call(timing.judge_s) - oracle);
    print_line!("  shrinking                  {:>6.2}", per_call(timing.shrink_s));
    print_line!("  waiting for the worker     {:>6.2}", per_call(timing.wait_s));
    print_line!("  library (plain call)       {:>6.2}", 1e6 / bare);
    print_line!("  worker, from batch to answer {:>4.2}", per_call(footer.backend_s));
    Ok(Exit::Success)
}

/// What the worker of a namespace measures of itself.
fn throughput(library: &RustBackend) -> Result<Exit, Error> {
    let WorkerCommand { program, args, env, .. } = library.worker(&mut |line| warn_line!("{line}"))?;
    let failed = |why: String| Error::Worker(format!("measure {}: {why}", library.name));
    let mut command = Command::new(program);
    command.args(args).arg("bench").envs(env).stdout(Stdio::piped());
    let mut group = Group::spawn(&mut command).map_err(|e| failed(e.to_string()))?;
    let lines = group.stdout().map(BufReader::new).into_iter().flat_map(BufRead::lines);
    for line in lines.map_while(Result::ok) {
        print_line!("{line}");
    }
    match group.wait() {
        Ok(status) if status.success() => Ok(Exit::Success),
        Ok(status) => Err(failed(format!("it ended with {status}"))),
        Err(e) => Err(failed(e.to_string())),
    }
}

/// Calls per second.
fn rate_of(footer: &Footer) -> f64 {
    footer.calls as f64 / footer.wall_s
}
