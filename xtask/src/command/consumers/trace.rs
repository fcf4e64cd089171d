//! `consumers trace`: writes the profiles of workloads, or compares them with those that are there.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::package::{call, exit};
use crate::cli;
use crate::exit::{Error, Exit};
use crate::place;

/// How far numbers of two traces may differ, relative to the larger one: linear algebra is not the same to the last bit on each processor.
const NEAR: f64 = 1e-6;

#[derive(Deserialize)]
struct Written {
    profile: PathBuf,
}

/// Runs the command.
pub fn run(options: &cli::Trace) -> Result<Exit, Error> {
    let folder = match (&options.out, place::workspace()) {
        (Some(out), _) => out.clone(),
        (None, Some(root)) if options.file.is_none() => root.join("spec/consumers"),
        (None, _) => PathBuf::from("consumers"),
    };
    let fresh = tempfile::tempdir().map_err(|source| Error::File { what: "create a folder below", path: std::env::temp_dir(), source })?;
    let out = if options.check { fresh.path() } else { &folder };
    let mut args: Vec<OsString> = vec!["trace".into(), "--out".into(), out.into(), "--select".into(), (&options.select).into()];
    if let Some(file) = &options.file {
        args.extend(["--file".into(), file.into()]);
    }
    let mut written: Vec<PathBuf> = Vec::new();
    call(&args, &[], Vec::new(), &mut |one: Written| {
        written.push(one.profile);
        Ok(())
    })?;
    if written.is_empty() {
        return Err(Error::Nothing(format!("trace `{}`: no workload has such a name", options.select)));
    }
    if options.check { compared(&written, out, &folder) } else { kept(&written, &folder, options) }
}

/// After a trace of all workloads, removes the profiles that no workload has any more.
fn kept(written: &[PathBuf], folder: &Path, options: &cli::Trace) -> Result<Exit, Error> {
    let names: BTreeSet<&Path> = written.iter().map(PathBuf::as_path).collect();
    let mut bytes = 0;
    for path in files_below(folder)? {
        if options.select == "*" && options.file.is_none() && !names.contains(path.as_path()) {
            fs::remove_file(&path).map_err(|source| Error::File { what: "remove", path: path.clone(), source })?;
        } else {
            bytes += fs::metadata(&path).map_or(0, |data| data.len());
        }
    }
    print_line!("{} profiles written to {}, which holds {bytes} bytes", written.len(), folder.display());
    Ok(Exit::Success)
}

/// Compares fresh profiles with those of the folder.
fn compared(written: &[PathBuf], fresh: &Path, folder: &Path) -> Result<Exit, Error> {
    let (mut same, mut near, mut other) = (0, 0, Vec::new());
    for path in written {
        let name = path.strip_prefix(fresh).unwrap_or(path);
        let (new, old) = (read(path)?, read(&folder.join(name)).unwrap_or_default());
        if new == old {
            same += 1;
        } else if are_near(&new, &old) {
            near += 1;
        } else {
            other.push(name.display().to_string());
        }
    }
    print_line!("{same} profiles are the same, {near} differ in the last digits of numbers, {} differ", other.len());
    other.iter().for_each(|name| print_line!("  {name}: run `cargo xtask consumers trace` and look at what changed"));
    Ok(exit(other.is_empty()))
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::File { what: "read", path: path.to_owned(), source })
}

/// The profiles in the folders below a folder.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::File { what: "open the folder", path: folder.to_owned(), source };
    let mut files = Vec::new();
    for version in fs::read_dir(folder).map_err(failed)? {
        let version = version.map_err(failed)?.path();
        let inside = fs::read_dir(&version).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        files.extend(inside.filter(|path| path.extension().is_some_and(|e| e == "yaml")));
    }
    Ok(files)
}

/// Whether two texts are the same but for the last digits of their numbers.
fn are_near(a: &str, b: &str) -> bool {
    let (a, b): (Vec<&str>, Vec<&str>) = (words(a).collect(), words(b).collect());
    let near = |x: f64, y: f64| (x - y).abs() <= NEAR * x.abs().max(y.abs()).max(NEAR);
    let same =
        |x: &str, y: &str| x == y || matches!((x.parse::<f64>(), y.parse::<f64>()), (Ok(x), Ok(y)) if x.fract() != 0.0 && near(x, y));
    a.len() == b.len() && a.iter().zip(&b).all(|(x, y)| same(x, y))
}

/// The words of a text, where a number is one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '(' | ')' | '{' | '}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_digits_of_numbers_may_differ() {
        assert!(are_near("values: [0.100000001, 2]", "values: [0.100000002, 2]"));
        assert!(!are_near("values: [0.1, 2]", "values: [0.2, 2]"), "another number");
        assert!(!are_near("values: [0.1, 2]", "values: [0.1, 3]"), "another integer");
        assert!(!are_near("r1 = sum(x)", "r1 = sum(y)"), "another program");
    }
}
