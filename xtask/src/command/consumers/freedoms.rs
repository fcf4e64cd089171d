//! `consumers freedoms`: runs the consumers on array-api-strict while it takes one freedom of the standard at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;

use array_assay_format::Glob;
use array_assay_reports::{Freedom, Leaning};
use serde::Deserialize;

use super::package::{Answer, Verdict, below_root, built_in, call, cases, line, read_yaml};
use super::truth::{entry, first_line, happened};
use crate::cli;
use crate::exit::{Error, Exit};

/// What came of all freedoms.
#[derive(Deserialize)]
struct Tried {
    /// The workloads that run as long as nobody takes a freedom.
    workloads: usize,
    freedoms: Vec<Taken>,
}

/// A freedom, and what breaks if a library takes it.
#[derive(Deserialize)]
struct Taken {
    name: String,
    broken: Vec<Answer>,
}

/// Runs the command.
pub fn run(options: &cli::Freedoms) -> Result<Exit, Error> {
    let glob: Glob = options.select.parse().map_err(|e| Error::Usage(format!("read --select: {e}")))?;
    let lines: Vec<String> = cases(built_in()?, |function| glob.matches_text(function)).iter().map(line).collect();
    if lines.is_empty() {
        return Err(Error::Nothing(format!("run `{}`: no workload has such a name", options.select)));
    }
    let whole: BTreeSet<(String, String)> =
        answers("", lines.clone())?.into_iter().filter(|a| a.verdict.runs()).map(|a| (a.workload, a.case)).collect();
    print_line!("{} of {} cases run on array-api-strict as it is", whole.len(), lines.len());
    let mut names: Vec<String> = Vec::new();
    call(&["names".into()], &[], Vec::new(), &mut |name: String| {
        names.push(name);
        Ok(())
    })?;
    let workloads = whole.iter().map(|(workload, _)| workload).collect::<BTreeSet<_>>().len();
    let mut tried = Tried { workloads, freedoms: Vec::new() };
    for name in names {
        let mut broken: Vec<Answer> = answers(&name, lines.clone())?;
        broken.retain(|a| !a.verdict.runs() && whole.contains(&(a.workload.clone(), a.case.clone())));
        let taken = Taken { name, broken };
        print(&shown(&taken, workloads));
        tried.freedoms.push(taken);
    }
    if options.select == "*" {
        let path = file();
        std::fs::write(&path, text(&tried)).map_err(|source| Error::File { what: "write", path: path.clone(), source })?;
        print_line!("\nwritten to {}", path.display());
    }
    Ok(Exit::Success)
}

/// What the report says of freedoms. Nothing, if that is not known.
pub fn taken() -> Vec<Freedom> {
    let tried: Option<Tried> = read_yaml(&file()).ok();
    tried.iter().flat_map(|tried| tried.freedoms.iter().map(|taken| shown(taken, tried.workloads))).collect()
}

/// A freedom, and the workloads that lean on it. Of several cases of a workload the first is shown that says nothing, or else the first.
fn shown(taken: &Taken, workloads: usize) -> Freedom {
    let mut by_workload: BTreeMap<&str, Vec<&Answer>> = BTreeMap::new();
    for answer in &taken.broken {
        by_workload.entry(&answer.workload).or_default().push(answer);
    }
    let leaning = by_workload.into_iter().map(|(workload, cases)| {
        let silent = cases.iter().find(|answer| answer.verdict == Verdict::Differs);
        let says = silent.or(cases.first()).map(|answer| format!("{}: {}", answer.case, happened(answer)));
        Leaning { workload: workload.to_owned(), silent: silent.is_some(), says: says.unwrap_or_default() }
    });
    Freedom { name: taken.name.clone(), workloads, leaning: leaning.collect() }
}

fn print(freedom: &Freedom) {
    let silent = freedom.leaning.iter().filter(|leaning| leaning.silent).count();
    print_line!("\n{}: {} workloads lean on it, {silent} of them give another result without a word", freedom.name, freedom.leaning.len());
    freedom.leaning.iter().for_each(|leaning| print_line!("  {} {}", leaning.workload, first_line(&leaning.says)));
}

fn answers(freedom: &str, lines: Vec<String>) -> Result<Vec<Answer>, Error> {
    let args: Vec<OsString> = vec!["freedoms".into(), "--freedom".into(), freedom.into()];
    let mut out = Vec::new();
    call(&args, &[], lines, &mut |answer: Answer| {
        out.push(answer);
        Ok(())
    })?;
    Ok(out)
}

fn file() -> PathBuf {
    below_root("backends/python/truth/freedoms.yaml")
}

fn text(tried: &Tried) -> String {
    let mut out = "# Written by `cargo xtask consumers freedoms`, never by hand.\n".to_owned();
    out += &format!("workloads: {}\nfreedoms:\n", tried.workloads);
    for taken in &tried.freedoms {
        out += &format!("- name: {}\n  broken:", taken.name);
        out += if taken.broken.is_empty() { " []\n" } else { "\n" };
        taken.broken.iter().for_each(|answer| out += &format!("  - {}\n", entry(answer)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(workload: &str, case: &str, verdict: Verdict) -> Answer {
        let why = if verdict == Verdict::Fails { "ValueError: no: {x}" } else { "y" };
        Answer { workload: workload.to_owned(), case: case.to_owned(), verdict, why: why.to_owned(), lines: Vec::new(), late: false }
    }

    #[test]
    fn a_workload_that_gives_another_result_in_one_case_does_so_without_a_word() {
        let taken = Taken {
            name: "unique_values/order".to_owned(),
            broken: vec![
                broken("sk/a", "float64-20", Verdict::Fails),
                broken("sk/a", "float64-48", Verdict::Differs),
                broken("sk/b", "float64-20", Verdict::Fails),
            ],
        };
        let freedom = shown(&taken, 9);
        let leaning: Vec<(&str, bool)> = freedom.leaning.iter().map(|leaning| (leaning.workload.as_str(), leaning.silent)).collect();
        assert_eq!(leaning, [("sk/a", true), ("sk/b", false)]);
        assert_eq!(freedom.leaning[0].says, "float64-48: another result: y");
        let none = Taken { name: "linalg.qr/signs".to_owned(), broken: Vec::new() };
        let read: Tried = serde_yaml::from_str(&text(&Tried { workloads: 9, freedoms: vec![taken, none] })).unwrap();
        assert_eq!((read.freedoms.len(), read.freedoms[1].broken.len()), (2, 0));
        assert_eq!(shown(&read.freedoms[0], read.workloads), freedom);
    }
}
