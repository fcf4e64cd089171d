//! Finds the polyfills that a library needs, their order, and the functions that no polyfill can give it.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_spec::Spec;

use crate::library::Library;

/// The polyfills for a library.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Functions that get a polyfill, each after those that it calls.
    pub polyfilled: Vec<Polyfilled>,
    /// Functions that the library lacks and that no polyfill can give it.
    pub out_of_reach: Vec<OutOfReach>,
}

/// A function that gets a polyfill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Polyfilled {
    /// The path of the function.
    pub path: String,
    /// The polyfills that its own polyfill calls.
    pub needs: Vec<String>,
}

/// A function that no polyfill can give the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfReach {
    /// The path of the function.
    pub path: String,
    /// The functions that its polyfill needs and the library lacks. Empty if there is no polyfill.
    pub lacks: Vec<String>,
}

impl Plan {
    /// Whether a function gets a polyfill.
    pub fn is_polyfilled(&self, path: &str) -> bool {
        self.polyfilled.iter().any(|p| p.path == path)
    }
}

/// Finds the polyfills of a library for the functions of the standard and the gaps.
pub fn solve(spec: &Spec, library: &Library) -> Plan {
    let calls: BTreeMap<&str, Vec<String>> = spec.polyfills.iter().map(|p| (p.name.as_str(), p.needs(spec))).collect();
    let mut plan = Plan::default();
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let has = |reached: &BTreeSet<&str>, path: &str| {
        // The function of an operator can replace the operator.
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
