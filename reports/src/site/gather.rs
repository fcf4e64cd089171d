//! Puts the results of one run after the other into the model of the site. When a run was added its results can be dropped.

use std::collections::BTreeMap;
use std::sync::Arc;

use array_assay_format::{Check, CheckId, GAPS, Header, Property, Results, Verdict};

use super::groups::Groups;
use super::input::Explanation;
use super::model::{Facts, Function, Judged, Label, Run, Site};
use super::names::{self, Names};
use super::{cluster, errors, plan};
use crate::gaps::Gaps;
use crate::text::one_line;

/// A site to which runs are added in order.
pub struct Gather {
    site: Site,
    functions: BTreeMap<(String, String), Of>,
    /// The number of runs of newest versions, and of those that were added.
    newest: (usize, usize),
    labels: Vec<Label>,
    is_newest: Vec<bool>,
    /// The ids of checks, each once in memory.
    ids: BTreeMap<Arc<CheckId>, ()>,
}

/// A function whose checks are still collected.
struct Of {
    spelled: String,
    checks: BTreeMap<Arc<CheckId>, Facts>,
    errors: Vec<errors::Error>,
    misses: Vec<errors::Miss>,
    /// Whether more than the presence of a gap was judged, so that it gets a page.
    has_page: bool,
}

impl Gather {
    /// For the runs with these headers, which are in the order of [`plan::order`].
    pub fn start(headers: &[&Header]) -> Gather {
        let (revisions, front) = plan::revisions(headers);
        let is_newest = plan::newest(headers);
        Gather {
            labels: labels(headers, &is_newest),
            site: Site { runs: Vec::new(), functions: Vec::new(), revisions, front, gaps: Gaps::default() },
            functions: BTreeMap::new(),
            newest: (is_newest.iter().filter(|newest| **newest).count(), 0),
            is_newest,
            ids: BTreeMap::new(),
        }
    }

    fn id(&mut self, id: &CheckId) -> Arc<CheckId> {
        if let Some((id, ())) = self.ids.get_key_value(id) {
            return Arc::clone(id);
        }
        let id = Arc::new(id.clone());
        self.ids.insert(Arc::clone(&id), ());
        id
    }

    /// Adds the next run, with what is known of its deviations.
    pub fn add(&mut self, results: &Results, known: &[Explanation]) {
        let at = self.site.runs.len();
        let newest = self.is_newest[at];
        if newest {
            self.site.gaps.add(self.newest.1, self.newest.0, results);
            self.newest.1 += 1;
        }
        let mut by_check: BTreeMap<&CheckId, Vec<&Explanation>> = BTreeMap::new();
        for explanation in known {
            by_check.entry(&explanation.check).or_default().push(explanation);
        }
        let revision = {
            let header = &results.header;
            if header.revisions.contains(&self.site.front) { self.site.front } else { crate::gated_revision(header) }
        };
        let mut groups = Groups::of(results, revision);
        // Consumers have a page of their own.
        for check in results.checks.iter().filter(|check| !check.is_consumer()) {
            let known: Vec<&Explanation> = match check.verdict {
                Verdict::Pass => Vec::new(),
                _ => by_check.get(&check.id).into_iter().flatten().copied().filter(|known| explains(known, check)).collect(),
            };
            let (id, blocked_by) = self.check(at, newest, results, check, &known);
            groups.add(check, &id, blocked_by.as_ref(), &known, revision);
        }
        self.site.runs.push(Run {
            label: self.labels[at].clone(),
            header: results.header.clone(),
            footer: results.footer.clone(),
            newest,
            groups,
            replays: results.checks.iter().filter(|check| newest && check.consumer.is_some()).cloned().collect(),
            deviating: BTreeMap::new(),
        });
    }

    /// Adds a check of the next run. Returns its id, and that of the check which blocks it.
    fn check(
        &mut self,
        run: usize,
        newest: bool,
        results: &Results,
        check: &Check,
        known: &[&Explanation],
    ) -> (Arc<CheckId>, Option<Arc<CheckId>>) {
        let id = self.id(&check.id);
        let blocked_by = check.blocked_by.as_ref().map(|by| self.id(by));
        let front = self.site.front;
        let of = self.functions.entry((check.id.category.clone(), check.id.function.clone())).or_insert_with(|| Of {
            spelled: check.function.clone(),
            checks: BTreeMap::new(),
            errors: Vec::new(),
            misses: Vec::new(),
            has_page: check.category != GAPS,
        });
        of.has_page |= check.property != Property::Present;
        let facts = of.checks.entry(Arc::clone(&id)).or_insert_with(|| Facts {
            id: Arc::clone(&id),
            level: check.level,
            gated: check.gate_level(),
            since: check.since,
            until: check.until,
            clause: None,
            doubt: check.doubt.as_deref().map(cluster::cut),
            judged: Vec::new(),
            clusters: Vec::new(),
        });
        if let Some(clause) = check.clause.as_ref().filter(|_| facts.clause.is_none()) {
            facts.clause = Some((cluster::cut(&clause.says), names::web(&clause.url).map(str::to_owned)));
        }
        let mut judged = Judged::of(check, front);
        if judged.at(front).unwrap_or(check.verdict) == Verdict::Blocked {
            judged.blocked_by = blocked_by.clone();
        }
        if check.verdict.is_judged() {
            judged.idle = check.exercised.iter().filter(|(_, cases)| **cases == 0).map(|(slug, _)| Arc::from(slug.as_str())).collect();
        }
        let shows = facts.deviates(&judged, front) || !cluster::failing(check).is_empty();
        facts.judged.push((run, judged));
        if newest {
            if shows {
                cluster::add(&mut facts.clusters, run, &results.header, check, known, front);
            }
            errors::collect(&mut of.errors, &mut of.misses, run, &id, check);
        }
        (id, blocked_by)
    }

    /// The site of the runs that were added.
    pub fn finish(self) -> Site {
        let (mut site, mut names) = (self.site, Names::default());
        for ((category, name), of) in self.functions.into_iter().filter(|(_, of)| of.has_page) {
            let mut checks: Vec<Facts> = of.checks.into_values().collect();
            for facts in &mut checks {
                facts.clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.members.len()));
            }
            site.functions.push(Function {
                page: names.page(&category, &name),
                spelled: one_line(&of.spelled, 80),
                category,
                name,
                checks,
                errors: of.errors,
                misses: of.misses,
            });
        }
        site.note_deviations();
        site
    }
}

/// Whether an explanation is about a cause that the check has.
fn explains(known: &Explanation, check: &Check) -> bool {
    known.cause.is_none_or(|cause| check.cells.iter().any(|cell| cell.cause == Some(cause)))
}

/// The names of the runs. The newest version of each library has the page without a version in its name.
fn labels(headers: &[&Header], newest: &[bool]) -> Vec<Label> {
    let mut names = Names::default();
    let mut labels: Vec<Option<Label>> = vec![None; headers.len()];
    for first in [true, false] {
        for (i, header) in headers.iter().enumerate().filter(|(i, _)| newest[*i] == first) {
            let on = header.options.get("device").map(|device| format!(" on {device}")).unwrap_or_default();
            let (name, version) = (plan::base(&header.backend.name), &format!("{}{on}", header.backend.version));
            let href = names.library(name, version);
            let key = href.trim_start_matches("libraries/").trim_end_matches(".html").to_owned();
            labels[i] = Some(Label { name: one_line(name, 60), version: one_line(version, 40), key, href });
        }
    }
    labels.into_iter().flatten().collect()
}
