//! The tables of what consumers say of libraries, held against what they really do there, and of the freedoms of the standard on which they
//! lean.

use std::collections::BTreeMap;

use serde::Serialize;

use super::background::{ClaimStanding, Claimed, Freedom, Leaning};
use super::model::Site;
use crate::text::one_line;

/// A consumer on a library.
#[derive(Serialize)]
pub struct Group {
    consumer: String,
    library: String,
    /// How often what it says stands how to the truth.
    counts: Vec<(usize, &'static str)>,
    /// The contradictions.
    rows: Vec<Row>,
}

/// A workload of which the consumer says another thing than what happens.
#[derive(Serialize)]
struct Row {
    workload: Workload,
    standing: &'static str,
    says: String,
    really: String,
}

/// A workload, and its page if it has one.
#[derive(Serialize)]
pub struct Workload {
    name: String,
    href: Option<String>,
}

/// A freedom of the standard, and who leans on it.
#[derive(Serialize)]
pub struct FreedomRow {
    name: String,
    /// The page of the function, if the site has one.
    href: Option<String>,
    total: usize,
    silent: usize,
    leaning: Vec<Leans>,
}

#[derive(Serialize)]
struct Leans {
    workload: Workload,
    silent: bool,
    says: String,
}

impl Workload {
    /// The workload with a name. `pages` are the pages of workloads, by name.
    pub fn of(name: &str, pages: &BTreeMap<&str, String>) -> Workload {
        Workload { name: one_line(name, 120), href: pages.get(name).cloned() }
    }
}

/// What consumers say, by consumer and library. `pages` are the pages of workloads, by name.
pub fn groups(claims: &[Claimed], pages: &BTreeMap<&str, String>) -> Vec<Group> {
    let group = |claims: &[Claimed]| {
        let count = |standing: ClaimStanding| claims.iter().filter(|claimed| claimed.standing == standing).count();
        let row = |claimed: &Claimed| Row {
            workload: Workload::of(&claimed.workload, pages),
            standing: claimed.standing.says(),
            says: one_line(&claimed.says, 300),
            really: one_line(&claimed.really, 300),
        };
        Group {
            consumer: one_line(&claims[0].consumer, 80),
            library: one_line(&claims[0].library, 80),
            counts: ClaimStanding::ALL.into_iter().map(|standing| (count(standing), standing.says())).filter(|(n, _)| *n > 0).collect(),
            rows: claims.iter().filter(|claimed| claimed.standing.disagrees()).map(row).collect(),
        }
    };
    claims.chunk_by(|a, b| a.library == b.library && a.consumer == b.consumer).map(group).collect()
}

/// The freedoms, those on which most workloads lean first.
pub fn freedoms(site: &Site, freedoms: &[Freedom], pages: &BTreeMap<&str, String>) -> Vec<FreedomRow> {
    let page = |name: &str| {
        let (path, _) = name.split_once('/')?;
        site.functions.iter().find(|function| function.spelled == path).map(|function| function.page.clone())
    };
    let leans = |leaning: &Leaning| Leans {
        workload: Workload::of(&leaning.workload, pages),
        silent: leaning.silent,
        says: one_line(&leaning.says, 300),
    };
    let row = |freedom: &Freedom| FreedomRow {
        name: one_line(&freedom.name, 80),
        href: page(&freedom.name),
        total: freedom.workloads,
        silent: freedom.leaning.iter().filter(|leaning| leaning.silent).count(),
        leaning: freedom.leaning.iter().map(leans).collect(),
    };
    let mut rows: Vec<FreedomRow> = freedoms.iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.leaning.len()));
    rows
}
