//! Clauses that need a look: those that no library follows, and those whose text is doubtful.

use array_assay_format::{Level, Verdict};
use serde::Serialize;

use super::mark::{Piece, prose};
use super::model::{Facts, Site};
use super::names;
use crate::text::visible;

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    revision: &'static str,
    nobody: Vec<Clause>,
    questions: Vec<Clause>,
}

#[derive(Serialize)]
struct Clause {
    id: String,
    href: String,
    level: &'static str,
    says: Vec<Piece>,
    url: Option<String>,
    doubt: Option<String>,
    /// The libraries that deviate from it.
    deviate: Vec<String>,
    /// The libraries that follow it.
    hold: Vec<String>,
}

pub fn page(site: &Site) -> Page {
    let all = || {
        site.functions.iter().filter(|function| !function.is_gap()).flat_map(|function| function.checks.iter().map(move |f| (function, f)))
    };
    let clause = |(function, facts): (&super::model::Function, &Facts)| {
        let (mut deviate, mut hold) = (Vec::new(), Vec::new());
        for (at, run) in site.newest() {
            let Some(judged) = facts.of_run(at) else { continue };
            match judged.at(site.front) {
                Some(Verdict::Pass) => hold.push(run.label.name.clone()),
                _ if judged.deviation(site.front).is_some() => deviate.push(run.label.name.clone()),
                _ => {}
            }
        }
        Clause {
            id: visible(&facts.id.to_string()),
            href: format!("{}#{}", function.page, names::anchor(&facts.id)),
            level: facts.level.word(),
            says: facts.clause.as_ref().map(|(says, _)| prose(says)).unwrap_or_default(),
            url: facts.clause.as_ref().and_then(|(_, url)| url.clone()),
            doubt: facts.doubt.clone(),
            deviate,
            hold,
        }
    };
    let binding = all().filter(|(_, facts)| facts.doubt.is_none() && facts.level <= Level::Should && facts.applies_to(site.front));
    Page {
        root: "",
        revision: site.front.word(),
        nobody: binding.map(clause).filter(|clause| clause.hold.is_empty() && clause.deviate.len() > 1).collect(),
        questions: all().filter(|(_, facts)| facts.doubt.is_some()).map(clause).collect(),
    }
}
