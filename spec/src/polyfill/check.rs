//! Finds faults of a body without running it.

use std::collections::BTreeSet;

use array_assay_format::Revision;
use array_assay_interface::{DType, ParameterKind};
use array_assay_language::helper;

use super::{ATTRIBUTES, CONSTANTS, Polyfill, Statement, StatementKind, each_expr};
use crate::error::SpecError;
use crate::expr::{Expr, Node, ProgramNode};
use crate::{Domain, Function, Spec, SpecSignature};

impl Polyfill {
    /// All faults of the body: names, functions, arguments, conditions, recursion. `spec` has all polyfills.
    pub fn check(&self, spec: &Spec) -> Vec<SpecError> {
        self.checked(spec).faults
    }

    /// The functions of the standard, including operators of arrays, and the polyfills that the body may call.
    pub fn needs(&self, spec: &Spec) -> Vec<String> {
        // Calls that depend only on dtypes are computed before the program runs.
        const STATIC: [&str; 6] = ["isdtype", "result_type", "finfo", "iinfo", "can_cast", "broadcast_shapes"];
        let mut out: Vec<String> = self.calls().into_iter().map(|(name, _)| name).filter(|name| !STATIC.contains(&name.as_str())).collect();
        out.extend(self.checked(spec).operators.iter().map(|path| (*path).to_owned()));
        out
    }

    fn checked<'a>(&'a self, spec: &'a Spec) -> Checker<'a> {
        let mut checker = Checker { polyfill: self, spec, faults: Vec::new(), operators: BTreeSet::new() };
        let mut known: BTreeSet<String> = self.signature.parameters.iter().map(|p| p.name.clone()).collect();
        let mut arrays: BTreeSet<String> = BTreeSet::new();
        if let Some(function) = spec.at_path(&self.name) {
            let array = |p: &&crate::Parameter| matches!(p.domain, Domain::Array { .. });
            arrays.extend(function.parameters.iter().filter(array).map(|p| p.name.clone()));
            arrays.extend(function.operands.iter().map(|o| o.name.clone()));
        }
        // An argument that may be left out is not always an array.
        arrays.retain(|name| self.signature.parameters.iter().any(|p| p.name == *name && p.default.is_none()));
        checker.block(&self.body, &mut known, &mut arrays);
        if !returns(&self.body) {
            checker.fault(self.text.len().saturating_sub(1), "the body may end without `return`".to_owned());
        }
        if let Some(why) = checker.endless() {
            checker.faults.push(why);
        }
        if let Some(revision) = self.revision {
            let newer = self.newer_than(spec, revision);
            checker.faults.extend(newer);
        }
        checker
    }

    /// The calls of functions and of keywords that came later than a revision.
    pub fn newer_than(&self, spec: &Spec, revision: Revision) -> Vec<SpecError> {
        let mut faults = Vec::new();
        each_expr(&self.body, &mut |expr| {
            let Node::Program(ProgramNode::Call { function: path, keywords, .. }) = &expr.node else { return };
            let Some(function) = spec.at_path(path) else { return };
            // A function with a polyfill of its own exists in every revision.
            let has = |name: &str| spec.polyfill(name).is_some() || name == "broadcast_shapes";
            if function.since > revision && !has(path) {
                faults.push(self.fault(expr.at, format!("`{path}` came with {}, later than {revision}", function.since)));
            }
            for (name, value) in keywords {
                let since = function.parameters.iter().find(|p| p.name == *name).and_then(|p| p.since);
                if let Some(since) = since.filter(|since| *since > revision && !has(path)) {
                    faults
                        .push(self.fault(value.at, format!("the argument `{name}` of `{path}` came with {since}, later than {revision}")));
                }
            }
        });
        faults
    }

    /// The oldest revision that has everything that the body calls.
    pub fn requires(&self, spec: &Spec) -> Revision {
        let all = Revision::published();
        all.iter().copied().find(|revision| self.newer_than(spec, *revision).is_empty()).unwrap_or(Revision::NEWEST)
    }
}

struct Checker<'a> {
    polyfill: &'a Polyfill,
    spec: &'a Spec,
    faults: Vec<SpecError>,
    /// The operators that the body applies to arrays, including indexing.
    operators: BTreeSet<&'static str>,
}

impl Checker<'_> {
    fn fault(&mut self, at: usize, why: String) {
        let fault = self.polyfill.fault(at, why);
        self.faults.push(fault);
    }

    fn block(&mut self, body: &[Statement], known: &mut BTreeSet<String>, arrays: &mut BTreeSet<String>) {
        for statement in body {
            match &statement.kind {
                StatementKind::Assign { targets, value } => {
                    self.expr(value, known, arrays);
                    let is_array = targets.len() == 1 && self.is_array(value, arrays);
                    for target in targets {
                        self.target(target, statement.at);
                        known.insert(target.clone());
                        if is_array {
                            arrays.insert(target.clone())
                        } else {
                            arrays.remove(target)
                        };
                    }
                }
                StatementKind::Augment { target, value, .. } => {
                    if !known.contains(target) {
                        self.fault(statement.at, format!("`{target}` is not defined here"));
                    }
                    self.expr(value, known, arrays);
                }
                StatementKind::If { branches, otherwise } => {
                    let (before, before_arrays) = (known.clone(), arrays.clone());
                    let mut after: Vec<(BTreeSet<String>, BTreeSet<String>)> = Vec::new();
                    for (condition, body) in branches {
                        self.expr(condition, &before, &before_arrays);
                        self.condition(condition, &before_arrays);
                        let (mut inner, mut inner_arrays) = (before.clone(), before_arrays.clone());
                        self.block(body, &mut inner, &mut inner_arrays);
                        after.push((inner, inner_arrays));
                    }
                    let (mut inner, mut inner_arrays) = (before, before_arrays);
                    self.block(otherwise, &mut inner, &mut inner_arrays);
                    after.push((inner, inner_arrays));
                    // A name that only some branches assign may exist. It is an array only if it is one in all branches.
                    *known = after.iter().flat_map(|(names, _)| names.iter().cloned()).collect();
                    arrays.retain(|name| after.iter().all(|(_, arrays)| arrays.contains(name)));
                }
                StatementKind::For { targets, items, body } => {
                    self.expr(items, known, arrays);
                    if self.is_array(items, arrays) {
                        self.fault(items.at, "the loop has no bound that is known before the program runs: it is over an array".to_owned());
                    }
                    for target in targets {
                        self.target(target, statement.at);
                        known.insert(target.clone());
                        arrays.remove(target);
                    }
                    // A name may change its kind between two iterations of a loop.
                    arrays.retain(|name| !super::assigned(body).contains(name));
                    self.block(body, known, arrays);
                }
                StatementKind::Return(value) => self.expr(value, known, arrays),
                StatementKind::Raise { .. } => {}
            }
        }
    }

    fn target(&mut self, name: &str, at: usize) {
        let taken = CONSTANTS.contains(&name) || helper(name).is_some();
        if taken || self.spec.at_path(name).is_some() {
            self.fault(at, format!("`{name}` is a name of the language and cannot be assigned to"));
        }
    }

    fn condition(&mut self, condition: &Expr, arrays: &BTreeSet<String>) {
        if self.is_array(condition, arrays) {
            let why = "the condition depends on elements of an array, which are not known before the program runs: use `where`";
            self.fault(condition.at, why.to_owned());
        }
    }

    /// Whether the value is certainly an array.
    fn is_array(&self, expr: &Expr, arrays: &BTreeSet<String>) -> bool {
        match &expr.node {
            Node::Name(name) => arrays.contains(name),
            Node::Unary(_, x) => self.is_array(x, arrays),
            Node::Binary(_, x, y) => self.is_array(x, arrays) || self.is_array(y, arrays),
            Node::Compare(first, rest) => self.is_array(first, arrays) || rest.iter().any(|(_, x)| self.is_array(x, arrays)),
            Node::And(items) | Node::Or(items) => items.iter().any(|x| self.is_array(x, arrays)),
            Node::Program(ProgramNode::Subscript(x, _)) => self.is_array(x, arrays),
            Node::Program(ProgramNode::Call { function, .. }) => {
                self.spec.at_path(function).is_some_and(|f| f.is_elementwise() || f.returns_one_array())
            }
            _ => false,
        }
    }

    fn expr(&mut self, expr: &Expr, known: &BTreeSet<String>, arrays: &BTreeSet<String>) {
        if let Some(path) = self.operator(expr, arrays) {
            self.operators.insert(path);
        }
        match &expr.node {
            Node::Name(name) => {
                let constant = CONSTANTS.contains(&name.as_str()) || name.parse::<DType>().is_ok();
                if !known.contains(name) && !constant {
                    self.fault(expr.at, format!("`{name}` is not defined here"));
                }
            }
            Node::Program(ProgramNode::Call { function, args, keywords }) => {
                args.iter().chain(keywords.iter().map(|(_, x)| x)).for_each(|x| self.expr(x, known, arrays));
                self.call(expr.at, function, args, keywords);
            }
            Node::Program(ProgramNode::Comprehension { element, target, iterable, condition }) => {
                self.expr(iterable, known, arrays);
                let mut inner = known.clone();
                inner.insert(target.clone());
                [Some(element), condition.as_ref()].into_iter().flatten().for_each(|x| self.expr(x, &inner, arrays));
            }
            Node::Program(ProgramNode::Attribute(x, name)) => {
                self.expr(x, known, arrays);
                let of_call = matches!(&x.node, Node::Program(ProgramNode::Call { .. }) | Node::Name(_));
                let known = ATTRIBUTES.contains(&name.as_str()) || of_call && self.has_field(name);
                if !known {
                    self.fault(expr.at, format!("`{name}` is an attribute of neither arrays nor results"));
                }
            }
            _ => expr.parts().into_iter().for_each(|x| self.expr(x, known, arrays)),
        }
    }

    /// The path of the operator, if it is certainly applied to arrays.
    fn operator(&self, expr: &Expr, arrays: &BTreeSet<String>) -> Option<&'static str> {
        let any = |items: &[&Expr]| items.iter().any(|x| self.is_array(x, arrays));
        match &expr.node {
            Node::Unary(op, x) if any(&[x]) => op.path(),
            Node::Binary(op, x, y) if any(&[x, y]) => Some(op.path()),
            Node::Compare(first, rest) if rest.len() == 1 && any(&[first, &rest[0].1]) => Some(rest[0].0.path()),
            Node::Program(ProgramNode::Subscript(x, _)) if any(&[x]) => Some("operator.getitem"),
            _ => None,
        }
    }

    /// Whether some function of the standard returns an object with this attribute, or a named tuple with this field.
    fn has_field(&self, name: &str) -> bool {
        const FIELDS: [&str; 13] = [
            "values",
            "indices",
            "inverse_indices",
            "counts",
            "eigenvalues",
            "eigenvectors",
            "Q",
            "R",
            "U",
            "S",
            "Vh",
            "sign",
            "logabsdet",
        ];
        FIELDS.contains(&name) || {
            // A body calls only functions of the namespace.
            let callable = self.spec.functions.iter().filter(|f| f.path.is_none());
            callable.flat_map(|f| &f.result.attributes).any(|attribute| attribute == name)
        }
    }

    fn call(&mut self, at: usize, name: &str, args: &[Expr], keywords: &[(String, Expr)]) {
        if let Some(helper) = helper(name) {
            let (fewest, most) = helper.arity;
            let starred = args.iter().any(is_starred);
            if !keywords.is_empty() || !starred && !(fewest..=most).contains(&args.len()) {
                let count = if fewest == most { fewest.to_string() } else { format!("{fewest} to {most}") };
                self.fault(at, format!("`{name}` takes {count} positional argument(s), here are {}", args.len() + keywords.len()));
            }
            return;
        }
        let signature = match (self.spec.at_path(name), self.spec.polyfill(name)) {
            (Some(function), _) => &function.signature,
            (None, Some(polyfill)) => &polyfill.signature,
            (None, None) => {
                return self.fault(at, format!("there is no function `{name}`, neither in the standard nor among the polyfills"));
            }
        };
        if let Some(why) = mismatch(signature, args, keywords) {
            self.fault(at, format!("`{signature}`: {why}"));
        }
    }

    /// Whether calls from here lead back here without an end.
    fn endless(&self) -> Option<SpecError> {
        let own = &self.polyfill.name;
        let unconditional = |body: &[Statement]| {
            let plain: Vec<Statement> = body.iter().filter(|s| !matches!(s.kind, StatementKind::If { .. })).cloned().collect();
            let mut found = None;
            each_expr(&plain, &mut |x| {
                if matches!(&x.node, Node::Program(ProgramNode::Call { function, .. }) if function == own) {
                    found.get_or_insert(x.at);
                }
            });
            found
        };
        // Recursion ends only if an `if` before the call returns.
        let guarded = self.polyfill.body.iter().any(|s| matches!(&s.kind, StatementKind::If { .. }));
        if let Some(at) = unconditional(&self.polyfill.body).filter(|_| !guarded) {
            return Some(self.polyfill.fault(at, format!("`{own}` calls itself without end")));
        }
        for (name, at) in self.polyfill.calls() {
            if name == *own {
                continue;
            }
            let mut seen = BTreeSet::new();
            let mut ahead = vec![name.clone()];
            while let Some(next) = ahead.pop() {
                let Some(polyfill) = self.spec.polyfill(&next).filter(|_| seen.insert(next.clone())) else { continue };
                let calls = polyfill.calls();
                if calls.iter().any(|(called, _)| called == own) {
                    return Some(
                        self.polyfill.fault(at, format!("recursion without end: `{own}` calls `{name}`, which leads back to `{own}`")),
                    );
                }
                ahead.extend(calls.into_iter().map(|(called, _)| called));
            }
        }
        None
    }
}

fn is_starred(expr: &Expr) -> bool {
    matches!(expr.node, Node::Program(ProgramNode::Starred(_)))
}

/// Why the arguments do not fit the signature.
fn mismatch(signature: &SpecSignature, args: &[Expr], keywords: &[(String, Expr)]) -> Option<String> {
    let positional = |kind: ParameterKind| matches!(kind, ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword);
    let places: Vec<_> = signature.parameters.iter().filter(|p| positional(p.kind)).collect();
    let variadic = signature.parameters.iter().any(|p| p.kind == ParameterKind::VarPositional);
    let starred = args.iter().any(is_starred);
    if args.len() > places.len() && !variadic {
        return Some(format!("{} positional arguments for {}", args.len(), places.len()));
    }
    for (name, _) in keywords {
        match signature.parameters.iter().find(|p| p.name == *name) {
            None => return Some(format!("there is no argument `{name}`")),
            Some(p) if p.kind == ParameterKind::PositionalOnly => return Some(format!("`{name}` goes by position alone")),
            Some(_) if places.iter().position(|p| p.name == *name).is_some_and(|i| i < args.len()) => {
                return Some(format!("`{name}` is given twice"));
            }
            Some(_) => {}
        }
    }
    let given = |i: usize, name: &str| starred || i < args.len() || keywords.iter().any(|(n, _)| n == name);
    let by_position = places.iter().enumerate().find(|(i, p)| p.default.is_none() && !given(*i, &p.name)).map(|(_, p)| &p.name);
    let by_keyword = signature
        .parameters
        .iter()
        .find(|p| p.kind == ParameterKind::KeywordOnly && p.default.is_none() && !keywords.iter().any(|(n, _)| *n == p.name))
        .map(|p| &p.name);
    by_position.or(by_keyword).map(|name| format!("the argument `{name}` is missing"))
}

/// Whether the statements always end in `return` or `raise`.
fn returns(body: &[Statement]) -> bool {
    body.iter().any(|statement| match &statement.kind {
        StatementKind::Return(_) | StatementKind::Raise { .. } => true,
        StatementKind::If { branches, otherwise } => branches.iter().all(|(_, body)| returns(body)) && returns(otherwise),
        _ => false,
    })
}

impl Spec {
    /// A function by its path. An operator means that of arrays, although there are operators of dtypes too.
    pub fn at_path(&self, path: &str) -> Option<&Function> {
        let is_at = |f: &&Function| match (&f.path, f.category.as_str()) {
            (Some(own), _) => own == path,
            (None, _) if f.extension().is_some() => path.strip_prefix(&f.category).and_then(|rest| rest.strip_prefix('.')) == Some(&f.name),
            _ => f.name == path,
        };
        let of_arrays = |f: &&Function| f.operator.is_some() && is_at(f);
        let operator = path.starts_with("operator.").then(|| self.functions.iter().find(of_arrays)).flatten();
        operator.or_else(|| self.with_gaps().find(is_at))
    }

    /// The polyfill of a function, by its path.
    pub fn polyfill(&self, path: &str) -> Option<&Polyfill> {
        self.polyfills.iter().find(|p| p.name == path)
    }
}
