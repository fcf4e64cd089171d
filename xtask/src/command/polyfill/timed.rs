//! `bench polyfills`: the emitted package against array-api-extra and the libraries' own functions.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{package, write_all};
use crate::exit::{Error, Exit};
use crate::place;

const SCRIPT: &str = include_str!("../polyfills.py");

/// Runs the script, and prints a line for each function, library and size.
pub fn timed(python: Option<&Path>) -> Result<Exit, Error> {
    let folder = place::state().join("bench-polyfills");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|source| Error::File { what: "remove the old", path: folder.clone(), source })?;
    }
    write_all(&folder, &package(&[])?)?;
    let python = python.map_or_else(|| PathBuf::from("python3"), Path::to_owned);
    let fault = |why: String| Error::Fault(format!("time the polyfills with {}: {why}", python.display()));
    let output = Command::new(&python).args(["-c", SCRIPT]).env("PYTHONPATH", folder.join("src")).output();
    let output = output.map_err(|e| fault(e.to_string()))?;
    if !output.status.success() {
        return Err(fault(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    print_line!(
        "{:<8}{:>9}  {:<14}{:>12}{:>12}{:>12}{:>8}  graph",
        "library",
        "elements",
        "function",
        "ours us",
        "extra us",
        "native us",
        "ratio"
    );
    let mut ratios: Vec<f64> = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        // Times in microseconds by who was called, sizes of graphs for Dask, and why there is no time.
        let row: Value = serde_json::from_str(line).map_err(|e| fault(format!("{e}: {line}")))?;
        let time = |who: &str| row[who].as_f64();
        let shown = |who: &str| time(who).map_or_else(|| "-".to_owned(), |t| format!("{t:.1}"));
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let ratio = time("ours").zip(time("extra")).map(|(ours, extra)| ours / extra);
        ratios.extend(ratio);
        let graph = match (row["ours_graph"].as_u64(), row["extra_graph"].as_u64()) {
            (Some(ours), Some(extra)) => format!("{ours} ({extra})"),
            (Some(ours), None) => ours.to_string(),
            (None, _) => String::new(),
        };
        print_line!(
            "{:<8}{:>9}  {:<14}{:>12}{:>12}{:>12}{:>8}  {graph}{}",
            text("library"),
            row["size"].as_u64().unwrap_or_default(),
            text("function"),
            shown("ours"),
            shown("extra"),
            shown("native"),
            ratio.map_or_else(String::new, |r| format!("{r:.2}")),
            text("ours_error")
        );
    }
    print_line!("\n{}", summary(&mut ratios));
    Ok(Exit::Success)
}

/// The spread of the ratios in a line.
fn summary(ratios: &mut [f64]) -> String {
    if ratios.is_empty() {
        return "array-api-extra is not installed beside any of the libraries: nothing to compare with".to_owned();
    }
    ratios.sort_by(f64::total_cmp);
    let at = |share: f64| ratios[((ratios.len() - 1) as f64 * share).round() as usize];
    let slower = ratios.iter().filter(|r| **r > 1.2).count();
    format!(
        "ours as a share of array-api-extra: median {:.2}, a tenth below {:.2}, a tenth above {:.2}, greatest {:.2}; {slower} of {} above 1.2",
        at(0.5),
        at(0.1),
        at(0.9),
        at(1.0),
        ratios.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_of_ratios_is_said_in_a_line() {
        let mut ratios: Vec<f64> = (1..=11).map(|i| f64::from(i) / 10.0).collect();
        ratios.push(1.3);
        let said = summary(&mut ratios);
        assert!(said.contains("greatest 1.30; 1 of 12 above 1.2"), "{said}");
        assert!(summary(&mut []).contains("nothing to compare"));
    }
}
