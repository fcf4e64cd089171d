//! Which polyfills a library needs, in which order, and what stays out of reach because of which functions.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_spec::Spec;

use crate::library::Library;

/// What polyfills give a library.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Functions that get a polyfill, each after those that it calls.
    pub polyfilled: Vec<Polyfilled>,
    /// Functions that the library lacks and that no polyfill gives it.
    pub out_of_reach: Vec<OutOfReach>,
}

/// A function that gets a polyfill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Polyfilled {
    /// Its path.
    pub path: String,
    /// The polyfills that it calls.
    pub needs: Vec<String>,
}

/// A function that stays out of reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfReach {
    /// Its path.
    pub path: String,
    /// The functions for want of which its polyfill cannot run; empty where it has none.
    pub lacks: Vec<String>,
}

impl Plan {
    /// Whether a function gets a polyfill.
    pub fn is_polyfilled(&self, path: &str) -> bool {
        self.polyfilled.iter().any(|p| p.path == path)
    }
}

/// Works out the polyfills of a library, over the functions of the standard and the gaps.
pub fn solve(spec: &Spec, library: &Library) -> Plan {
    let calls: BTreeMap<&str, Vec<String>> = spec.polyfills.iter().map(|p| (p.name.as_str(), p.needs(spec))).collect();
    let mut plan = Plan::default();
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let has = |reached: &BTreeSet<&str>, path: &str| {
        // An operator's function will do.
        let function = || spec.at_path(path).and_then(|f| f.operator.as_ref()).map(|operator| operator.semantics.as_str());
        let can = |path: &str| library.has(spec, path) || reached.contains(path);
        can(path) || function().is_some_and(can)
    };
    loop {
        let mut grown = false;
        for polyfill in &spec.polyfills {
            let name = polyfill.name.as_str();
            if reached.contains(name) || library.has(spec, name) {
                continue;
            }
            let needs = &calls[name];
            if needs.iter().all(|path| path == name || has(&reached, path)) {
                let polyfills = needs.iter().filter(|path| reached.contains(path.as_str()) && *path != name).cloned().collect();
                plan.polyfilled.push(Polyfilled { path: name.to_owned(), needs: polyfills });
                reached.insert(name);
                grown = true;
            }
        }
        if !grown {
            break;
        }
    }
    for function in spec.with_gaps() {
        let path = function.path();
        if library.has(spec, &path) || reached.contains(path.as_str()) || function.owner().is_some() {
            continue;
        }
        let lacks = calls.get(path.as_str()).map(|needs| needs.iter().filter(|need| !has(&reached, need)).cloned().collect());
        plan.out_of_reach.push(OutOfReach { path, lacks: lacks.unwrap_or_default() });
    }
    plan
}
