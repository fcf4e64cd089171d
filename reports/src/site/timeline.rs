//! How functions entered the standard: for each revision the functions that it added and changed, and which libraries have them.

use std::collections::BTreeSet;

use array_assay_format::Revision;
use serde::Serialize;

use super::mark::{Piece, prose};
use super::model::{Function, Site};
use super::names::Link;
use crate::text::one_line;

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    libraries: usize,
    revisions: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    revision: &'static str,
    categories: Vec<(String, Vec<Added>)>,
    added: usize,
    changed: Vec<Changed>,
}

#[derive(Serialize)]
struct Added {
    function: Link,
    /// The number of libraries that have it, of those that were asked.
    has: usize,
    asked: usize,
    /// The names of the libraries that lack the function. Empty if these are many.
    lack: String,
    /// For libraries of which several versions ran, when they got it.
    first: String,
}

#[derive(Serialize)]
struct Changed {
    function: Link,
    says: Vec<Vec<Piece>>,
    more: usize,
}

pub fn page(site: &Site) -> Page {
    let mut revisions: Vec<Entry> = site.revisions.iter().rev().map(|revision| entry(site, *revision)).collect();
    revisions.retain(|entry| entry.added > 0 || !entry.changed.is_empty());
    Page { root: "", libraries: site.newest().count(), revisions }
}

fn entry(site: &Site, revision: Revision) -> Entry {
    let of_standard = || site.functions.iter().filter(|function| !function.is_gap());
    let mut categories: Vec<(String, Vec<Added>)> = Vec::new();
    for function in of_standard().filter(|function| function.since() == revision) {
        let category = one_line(&function.category, 80);
        match categories.last_mut() {
            Some((last, added)) if *last == category => added.push(added_function(site, function, revision)),
            _ => categories.push((category, vec![added_function(site, function, revision)])),
        }
    }
    let changed = of_standard().filter(|function| function.since() < revision).filter_map(|function| changed(function, revision));
    Entry {
        revision: revision.word(),
        added: categories.iter().map(|(_, added)| added.len()).sum(),
        categories,
        changed: changed.collect(),
    }
}

fn link(function: &Function) -> Link {
    Link { name: one_line(&function.shown(), 80), href: function.page.clone() }
}

fn added_function(site: &Site, function: &Function, revision: Revision) -> Added {
    let asked: Vec<(&str, bool)> = site.newest().filter_map(|(at, run)| Some((run.label.name.as_str(), function.present(at)?))).collect();
    let lack: Vec<&str> = asked.iter().filter(|(_, has)| !has).map(|(name, _)| *name).collect();
    // All of the first revision are as old as the standard.
    let first = if revision == Revision::V2021_12 { String::new() } else { first_versions(site, function) };
    Added {
        function: link(function),
        has: asked.len() - lack.len(),
        asked: asked.len(),
        lack: if lack.len() <= 4 { lack.join(", ") } else { String::new() },
        first,
    }
}

/// Between which versions libraries got the function, as far as versions without it ran too.
fn first_versions(site: &Site, function: &Function) -> String {
    let mut first = Vec::new();
    for versions in site.libraries() {
        let has = |run: &usize| function.present(*run) == Some(true);
        let Some(at) = versions.iter().position(has) else { continue };
        let before = versions[..at].iter().rfind(|run| function.present(**run) == Some(false));
        if let Some(before) = before {
            let (before, after) = (&site.runs[*before].label, &site.runs[versions[at]].label);
            first.push(format!("came to {} between {} and {}", after.name, before.version, after.version));
        }
    }
    first.join(", ")
}

fn changed(function: &Function, revision: Revision) -> Option<Changed> {
    /// The largest number of sentences.
    const SHOWN: usize = 3;
    let new = function.checks.iter().filter(|facts| facts.since == revision && facts.doubt.is_none());
    let says: BTreeSet<&str> = new.filter_map(|facts| Some(facts.clause.as_ref()?.0.as_str())).collect();
    (!says.is_empty()).then(|| Changed {
        function: link(function),
        more: says.len().saturating_sub(SHOWN),
        says: says.into_iter().take(SHOWN).map(prose).collect(),
    })
}
