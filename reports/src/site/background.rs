//! What pages show beside the results: the clauses of the standard, how demand for gaps is measured, and polyfills.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use array_assay_spec::{Function, Spec, audit};

use super::clauses::{StandardClause, StandardPage};

/// What pages show beside the results.
#[derive(Debug)]
pub struct Background {
    /// The pages of the standard with their clauses.
    pub standard: Vec<StandardPage>,
    /// The measures of demand.
    pub measures: Vec<Measure>,
    /// What the spec says of gaps beyond their records, by name.
    pub gaps: BTreeMap<String, Told>,
    /// What is known of the real consumers. It is read if there are pages of workloads.
    pub consumers: LazyCell<RealConsumers, ReadConsumers>,
}

/// Reads what is known of the real consumers.
pub type ReadConsumers = Box<dyn FnOnce() -> RealConsumers>;

/// What is known of the real consumers.
#[derive(Debug, Default)]
pub struct RealConsumers {
    /// What they do on a library, by the name of its backend.
    pub truth: BTreeMap<String, Vec<Really>>,
    /// What they say of libraries, held against what they really do there.
    pub claims: Vec<Claimed>,
    /// Which of them lean on what the standard leaves open.
    pub freedoms: Vec<Freedom>,
}

/// What the real consumer does on the real library.
#[derive(Debug, Clone)]
pub struct Really {
    /// The consumer and the workload, such as `scikit-learn/PCA.full`.
    pub workload: String,
    /// The case, such as `float64-20`.
    pub case: String,
    /// Whether the workload runs and its results are right.
    pub runs: bool,
    /// What happens, in a sentence.
    pub says: String,
    /// Why a replay says another thing, if that is known.
    pub reason: Option<String>,
}

/// What a consumer says of a workload on a library, held against what really happens there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The consumer and its version, such as `scipy 1.17.1`.
    pub consumer: String,
    /// The consumer and the workload, such as `scipy/fft.dct`.
    pub workload: String,
    /// The name of the library's backend.
    pub library: String,
    /// How the two stand to each other.
    pub standing: ClaimStanding,
    /// What the consumer says, and where.
    pub says: String,
    /// What happens, in a sentence.
    pub really: String,
}

/// How what a consumer says of a library stands to what it really does there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimStanding {
    /// It says that the workload runs, and it runs, or says that it does not, and it does not.
    Agrees,
    /// It says that the workload runs, and it fails or gives another result.
    ClaimFails,
    /// It says that the workload runs, and some results are arrays of NumPy.
    ClaimLeaves,
    /// It says that the workload does not run, and it runs.
    DenialRuns,
    /// It says that the workload does not run, and it runs, but some results are arrays of NumPy.
    DenialLeaves,
    /// It says nothing.
    Silent,
}

impl ClaimStanding {
    /// All, in the order of reports.
    pub const ALL: [ClaimStanding; 6] = [
        ClaimStanding::Agrees,
        ClaimStanding::ClaimFails,
        ClaimStanding::ClaimLeaves,
        ClaimStanding::DenialRuns,
        ClaimStanding::DenialLeaves,
        ClaimStanding::Silent,
    ];

    /// The standing in a few words.
    pub fn says(self) -> &'static str {
        match self {
            ClaimStanding::Agrees => "agrees",
            ClaimStanding::ClaimFails => "claimed, and fails",
            ClaimStanding::ClaimLeaves => "claimed, and answers with arrays of NumPy",
            ClaimStanding::DenialRuns => "denied, and runs",
            ClaimStanding::DenialLeaves => "denied, and answers with arrays of NumPy",
            ClaimStanding::Silent => "nothing said",
        }
    }

    /// Whether the two contradict each other.
    pub fn disagrees(self) -> bool {
        !matches!(self, ClaimStanding::Agrees | ClaimStanding::DenialLeaves | ClaimStanding::Silent)
    }
}

/// A freedom of the standard, and the consumers that lean on the usual way of taking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freedom {
    /// The function and what it leaves open, such as `unique_values/order`.
    pub name: String,
    /// The workloads that run as long as nobody takes the freedom.
    pub workloads: usize,
    /// What changes if a library takes it.
    pub leaning: Vec<Leaning>,
}

/// A workload that breaks if a library takes a freedom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaning {
    /// The consumer and the workload.
    pub workload: String,
    /// Whether it gives another result without an exception.
    pub silent: bool,
    /// The exception with the consumer's line, or the results that differ.
    pub says: String,
}

/// A measure of demand.
#[derive(Debug, Clone)]
pub struct Measure {
    /// The name.
    pub name: String,
    /// What is counted.
    pub says: String,
    /// Where it was counted, and when.
    pub source: String,
}

/// What the spec says of a gap.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The counts by measure, without those that are zero.
    pub counts: Vec<(String, u32)>,
    /// The polyfill in the standard's functions.
    pub polyfill: Option<String>,
}

impl Background {
    /// The background that a spec gives. `consumers` reads the rest.
    pub fn new(spec: &Spec, consumers: ReadConsumers) -> Background {
        let measure = |measure: &array_assay_spec::Measure| Measure {
            name: measure.name.clone(),
            says: measure.says.clone(),
            source: format!("{}, {}", measure.source, measure.date),
        };
        let told = |gap: &array_assay_spec::Gap| {
            let counts = spec.measures.iter().map(|measure| (measure.name.clone(), gap.count(&measure.name))).filter(|(_, n)| *n > 0);
            let own = gap.polyfill.as_ref().map(|body| body.value.as_str());
            let apart = || spec.polyfills.iter().find(|polyfill| polyfill.name == gap.function.name).map(|polyfill| polyfill.text.as_str());
            let body = own.or_else(apart).map(|body| {
                let lines: String = body.lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n").collect();
                format!("def {}:\n{lines}", gap.function.signature)
            });
            (gap.function.name.clone(), Told { counts: counts.collect(), polyfill: body })
        };
        Background {
            standard: standard(spec),
            measures: spec.measures.iter().map(measure).collect(),
            gaps: spec.gaps().iter().map(told).collect(),
            consumers: LazyCell::new(consumers),
        }
    }
}

/// The pages of the standard with their clauses.
pub fn standard(spec: &Spec) -> Vec<StandardPage> {
    let mut pages: Vec<StandardPage> = Vec::new();
    for clause in audit::clauses(spec) {
        let function = clause.place.split_once('/').and_then(|(category, name)| spec.function(category, name));
        let chapter = function.map_or("topics", |function| function.category.as_str());
        if pages.last().is_none_or(|page| page.name != clause.place) {
            let topic = || spec.pages.page(&clause.place).newest_url();
            let url = function.map_or_else(topic, Function::url);
            pages.push(StandardPage { name: clause.place.clone(), chapter: chapter.to_owned(), url: Some(url), clauses: Vec::new() });
        }
        let span = match (clause.since, clause.until) {
            (None, None) => None,
            (Some(since), None) => Some(format!("since {since}")),
            (None, Some(until)) => Some(format!("until {until}")),
            (Some(since), Some(until)) => Some(format!("{since} to {until}")),
        };
        let audit::Clause { slug, level, tested_by, untestable, says, doubt, url, .. } = clause;
        let Some(page) = pages.last_mut() else { continue };
        // A clause that has ended, or that only the draft has, stands on the page of another revision.
        let url = Some(url).filter(|url| page.url.as_ref() != Some(url));
        page.clauses.push(StandardClause { slug, level: level.to_owned(), says, span, url, tested_by, untestable, doubt });
    }
    pages
}
