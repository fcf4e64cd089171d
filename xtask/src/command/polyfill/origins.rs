//! Where the crate ndarray gets its functions from, as its worker with polyfills says.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use array_assay_spec::Spec;

use crate::exit::Error;
use crate::rust_backend::POLYFILLED_NDARRAY;

/// For each function of the standard and each gap where the crate ndarray gets it from, and how many there are of each kind.
pub fn origins(spec: &Spec, say: &mut dyn FnMut(&str)) -> Result<String, Error> {
    let mut out = String::from("ndarray: functions of the standard, then its gaps\n\n");
    let mut totals: BTreeMap<(bool, &str), usize> = BTreeMap::new();
    let mut before: BTreeMap<bool, usize> = BTreeMap::new();
    let paths: Vec<String> = spec.with_gaps().map(|function| function.path()).collect();
    let said = ask(&paths, say)?;
    for (function, line) in spec.with_gaps().zip(said.lines()) {
        let (word, own) = line.split_once('\t').unwrap_or((line, ""));
        let own = !own.is_empty();
        *totals.entry((function.is_gap(), word)).or_default() += 1;
        *before.entry(function.is_gap()).or_default() += usize::from(own);
        let replaced = if own && !word.starts_with("native") { "  instead of its own, which deviates" } else { "" };
        out.push_str(&format!("  {:<48}{word}{replaced}\n", function.id()));
    }
    for (gaps, what) in [(false, "the standard"), (true, "its gaps")] {
        let of_kind = || totals.iter().filter(|((of_gaps, _), _)| *of_gaps == gaps);
        let all: usize = of_kind().map(|(_, count)| count).sum();
        let counts: Vec<String> = of_kind().map(|((_, word), count)| format!("{count} {word}")).collect();
        out.push_str(&format!(
            "\n{what}: {all} functions\n  before: {} native\n  with polyfills: {}\n",
            before.get(&gaps).copied().unwrap_or(0),
            counts.join(", ")
        ));
    }
    Ok(out)
}

/// What the worker says of each path, a line each.
fn ask(paths: &[String], say: &mut dyn FnMut(&str)) -> Result<String, Error> {
    let worker = POLYFILLED_NDARRAY.worker(say)?;
    let fault = |why: String| Error::Worker(format!("ask {} where functions come from: {why}", worker.program.display()));
    let mut command = Command::new(&worker.program);
    let child = command.arg("origins").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|e| fault(format!("start it: {e}")))?;
    // The paths, and what is said of them, are a few kilobytes: neither pipe fills up before the other side reads.
    let text: String = paths.iter().map(|path| format!("{path}\n")).collect();
    let written = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().map_err(|e| fault(e.to_string()))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    match written {
        Ok(()) if output.status.success() && said.lines().count() == paths.len() => Ok(said),
        Ok(()) => {
            Err(fault(format!("it ended with {}, having said {} lines for {} functions", output.status, said.lines().count(), paths.len())))
        }
        Err(e) => Err(fault(e.to_string())),
    }
}
