//! `consumers lda` and `bench consumers`: scikit-learn's LinearDiscriminantAnalysis in depth, and how long it takes on which library.

use std::ffi::OsString;

use serde::Deserialize;

use super::package::call;
use super::truth::consumers_own;
use crate::cli;
use crate::exit::{Error, Exit};
use crate::place;

/// A solver and a method, or a way from one device to another, and what came of it.
#[derive(Deserialize)]
struct Tried {
    what: String,
    said: String,
}

/// How long a step takes on a library: the median of the seconds that passed and of those that the process was computing, and the ratios of
/// the latter to NumPy without dispatch in the same turn.
#[derive(Deserialize)]
struct Timed {
    library: String,
    step: String,
    seconds: f64,
    computing: f64,
    ratio: f64,
    least: f64,
    most: f64,
}

/// Tries every solver and method on a library, and moves a fitted estimator over its devices.
pub fn run(options: &cli::Lda) -> Result<Exit, Error> {
    let library = Library::find(&options.backend)?;
    let mut args: Vec<OsString> = vec!["lda".into(), "--module".into(), library.module.into()];
    args.extend(library.site.into_iter().flat_map(|site| ["--site".into(), site]));
    args.extend(library.out.into_iter().flat_map(|out| ["--out-expression".into(), out.into()]));
    call(&args, &library.env, Vec::new(), &mut |tried: Tried| {
        print_line!("{:<60} {}", tried.what, tried.said);
        Ok(())
    })?;
    Ok(Exit::Success)
}

/// Times it on NumPy and on the other libraries in turns, and beside it the calls of its trace.
pub fn timed(options: &cli::Bench) -> Result<Exit, Error> {
    let cli::Bench { samples, turns, dtype, .. } = options;
    let libraries = options.libraries.iter().map(|name| Library::find(name)).collect::<Result<Vec<_>, Error>>()?;
    let modules: Vec<&str> = libraries.iter().map(|library| library.module.as_str()).collect();
    let mut args: Vec<OsString> = vec!["lda".into(), "--module".into(), modules.join(",").into()];
    args.extend([
        "--samples".into(),
        samples.to_string().into(),
        "--turns".into(),
        turns.to_string().into(),
        "--dtype".into(),
        dtype.into(),
    ]);
    args.extend(libraries.iter().filter_map(|library| library.site.clone()).flat_map(|site| ["--site".into(), site]));
    let env: Vec<(OsString, OsString)> = libraries.into_iter().flat_map(|library| library.env).collect();
    print_line!(
        "{samples} samples of 300 features in {dtype}, median of {turns} turns; ratios of computing to NumPy without dispatch in the same turn"
    );
    print_line!("a replay makes the calls of the estimator's trace, one after the other, and nothing else");
    print_line!("{:<26} {:<14} {:>9} {:>9} {:>7}", "library", "step", "seconds", "computing", "ratio");
    call(&args, &env, Vec::new(), &mut |timed: Timed| {
        let Timed { library, step, seconds, computing, ratio, least, most } = timed;
        print_line!("{library:<26} {step:<14} {seconds:>9.3} {computing:>9.3} {ratio:>7.2}  ({least:.2} to {most:.2})");
        Ok(())
    })?;
    Ok(Exit::Success)
}

/// What the package of consumers needs to know of a library.
struct Library {
    module: String,
    site: Option<OsString>,
    out: Option<String>,
    env: Vec<(OsString, OsString)>,
}

impl Library {
    fn find(name: &str) -> Result<Library, Error> {
        let library = array_assay_python::find(name)?;
        let worker = array_assay_python::named(name, &place::state(), &mut |line| warn_line!("{line}"))?;
        Ok(Library {
            module: consumers_own(&library.module),
            site: array_assay_python::packages_of(&worker).map(Into::into),
            out: library.out().map(str::to_owned),
            env: worker.env,
        })
    }
}
