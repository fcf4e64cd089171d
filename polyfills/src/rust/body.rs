//! Writes the body of a polyfill as Rust, over values whose kinds are known when it runs.

use std::collections::BTreeSet;

use array_assay_interface::DType;
use array_assay_language::helper;
use array_assay_spec::Spec;
use array_assay_spec::expr::{BinaryOp, CompareOp, Expr, Node, Num, ProgramNode, UnaryOp};
use array_assay_spec::polyfill::{CONSTANTS, Polyfill, Statement, StatementKind, assigned, each_expr};

use super::{dtype, identifier, text};
use crate::python::comments_before;

/// The functions of all bodies, and the function that finds them by name.
pub(super) fn bodies(spec: &Spec) -> String {
    let mut out = String::from(
        "//! The bodies of polyfills.\n\n// Names have a value before the branches that give them theirs.\n#![allow(unused_assignments)]\n\nuse array_assay_interface::{CallError, DType};\n\n\
         use crate::namespace::Namespace;\nuse crate::scope::{Binary, Compare, Scope, Unary, contains, slice};\nuse crate::value::{Answer, Due, Value};\n\n\
         /// A body: its arguments come in the order of the signature.\n\
         pub(crate) type Body<N> = fn(&Scope<'_, N>, Vec<Value<<N as array_assay_interface::Backend>::Array>>) -> Answer<<N as array_assay_interface::Backend>::Array>;\n\n\
         /// The body of a function, by its path.\npub(crate) fn find<N: Namespace>(path: &str) -> Option<Body<N>> {\n    Some(match path {\n",
    );
    for polyfill in &spec.polyfills {
        out.push_str(&format!("        {} => {},\n", text(&polyfill.name), function_name(&polyfill.name)));
    }
    out.push_str("        _ => return None,\n    })\n}\n");
    for polyfill in &spec.polyfills {
        out.push_str(&function(polyfill));
    }
    out
}

/// The name of the Rust function of a path.
fn function_name(path: &str) -> String {
    identifier(&path.trim_start_matches('_').replace('.', "_"))
}

fn function(polyfill: &Polyfill) -> String {
    let parameters: Vec<&str> = polyfill.signature.parameters.iter().map(|p| p.name.as_str()).collect();
    let mut read = BTreeSet::new();
    each_expr(&polyfill.body, &mut |expr| {
        if let Node::Name(name) = &expr.node {
            read.insert(name.clone());
        }
    });
    each_augmented(&polyfill.body, &mut |name| {
        read.insert(name.to_owned());
    });
    let locals: BTreeSet<String> = parameters.iter().map(|name| (*name).to_owned()).chain(assigned(&polyfill.body)).collect();
    let context = Context { polyfill, locals, read };
    let bound: Vec<String> = parameters
        .iter()
        .map(|name| {
            let again = assignments(&polyfill.body, name) > 0;
            format!("{}{}", if again { "mut " } else { "" }, context.local(name))
        })
        .collect();
    let mut block = String::new();
    context.block(&polyfill.body, &parameters.iter().map(|name| (*name).to_owned()).collect(), true, &mut block);
    let out = format!(
        "\n/// `{}`\nfn {}<N: Namespace>({}: &Scope<'_, N>, given: Vec<Value<N::Array>>) -> Answer<N::Array> {{\n    let [{}] = Value::Tuple(given).unpacked()?;\n{block}}}\n",
        polyfill.signature,
        function_name(&polyfill.name),
        if block.contains("ns.") { "ns" } else { "_ns" },
        bound.join(", ")
    );
    out
}

/// Calls `visit` with the target of each augmented assignment, which reads the name that it changes.
fn each_augmented(body: &[Statement], visit: &mut dyn FnMut(&str)) {
    for statement in body {
        match &statement.kind {
            StatementKind::Augment { target, .. } => visit(target),
            StatementKind::If { branches, otherwise } => {
                branches.iter().for_each(|(_, body)| each_augmented(body, visit));
                each_augmented(otherwise, visit);
            }
            StatementKind::For { body, .. } => each_augmented(body, visit),
            _ => {}
        }
    }
}

/// How often statements assign a name.
fn assignments(body: &[Statement], name: &str) -> usize {
    let of = |statement: &Statement| match &statement.kind {
        StatementKind::Assign { targets, .. } => targets.iter().filter(|target| *target == name).count(),
        StatementKind::Augment { target, .. } => usize::from(target == name),
        StatementKind::If { branches, otherwise } => {
            branches.iter().map(|(_, body)| assignments(body, name)).sum::<usize>() + assignments(otherwise, name)
        }
        StatementKind::For { body, .. } => assignments(body, name),
        StatementKind::Return(_) | StatementKind::Raise { .. } => 0,
    };
    body.iter().map(of).sum()
}

/// Whether statements use a name.
fn mention(body: &[Statement], name: &str) -> bool {
    let mut found = assignments(body, name) > 0;
    each_expr(body, &mut |expr| found |= matches!(&expr.node, Node::Name(other) if other == name));
    found
}

struct Context<'a> {
    polyfill: &'a Polyfill,
    locals: BTreeSet<String>,
    read: BTreeSet<String>,
}

impl Context<'_> {
    /// The Rust name of a local.
    fn local(&self, name: &str) -> String {
        let name_ = identifier(name);
        if self.read.contains(name) { name_ } else { format!("_{name_}") }
    }

    /// Writes statements. The last one of a function gives its value.
    fn block(&self, body: &[Statement], declared: &BTreeSet<String>, tail: bool, out: &mut String) {
        let mut declared = declared.clone();
        for (k, statement) in body.iter().enumerate() {
            for comment in comments_before(&self.polyfill.text, statement.at) {
                out.push_str(&format!("//{}\n", comment.trim_start_matches('#')));
            }
            let (rest, last) = (&body[k + 1..], tail && k + 1 == body.len());
            match &statement.kind {
                StatementKind::Assign { targets, value } => self.assign(targets, value, &body[k..], &mut declared, out),
                StatementKind::Augment { target, op, value } => {
                    let target_ = self.local(target);
                    out.push_str(&format!("{target_} = ns.binary({}, {target_}, {})?;\n", binary(*op), self.expr(value)));
                }
                StatementKind::Return(value) if last => out.push_str(&format!("{}\n", self.answer(value))),
                StatementKind::Return(value) => out.push_str(&format!("return {};\n", self.answer(value))),
                StatementKind::Raise { exception, message } => {
                    let error = format!("Err(CallError::raised({}, {}))", text(exception), text(message));
                    out.push_str(&if last { format!("{error}\n") } else { format!("return {error};\n") });
                }
                StatementKind::If { branches, otherwise } => {
                    self.hoist(statement, rest, &mut declared, out);
                    for (i, (condition, body)) in branches.iter().enumerate() {
                        out.push_str(&format!("{}if {} {{\n", if i == 0 { "" } else { " else " }, self.bare(condition)));
                        self.block(body, &declared, last && !otherwise.is_empty(), out);
                        out.push('}');
                    }
                    if !otherwise.is_empty() {
                        out.push_str(" else {\n");
                        self.block(otherwise, &declared, last, out);
                        out.push('}');
                    }
                    out.push('\n');
                }
                StatementKind::For { targets, items, body } => {
                    self.hoist(statement, rest, &mut declared, out);
                    let mut inner = declared.clone();
                    inner.extend(targets.iter().cloned());
                    let names: Vec<String> = targets.iter().map(|name| self.local(name)).collect();
                    let [name] = names.as_slice() else {
                        out.push_str(&format!(
                            "for item in {}.try_items()?.to_vec() {{\nlet [{}] = item.unpacked()?;\n",
                            self.expr(items),
                            names.join(", ")
                        ));
                        self.block(body, &inner, false, out);
                        out.push_str("}\n");
                        continue;
                    };
                    out.push_str(&format!("for {name} in {}.try_items()?.to_vec() {{\n", self.expr(items)));
                    self.block(body, &inner, false, out);
                    out.push_str("}\n");
                }
            }
        }
    }

    /// Writes an assignment, with `let` if the names are new.
    fn assign(&self, targets: &[String], value: &Expr, from: &[Statement], declared: &mut BTreeSet<String>, out: &mut String) {
        let value = match targets {
            [_] => self.expr(value),
            _ => format!("{}.unpacked()?", self.expr(value)),
        };
        let new = targets.iter().all(|target| !declared.contains(target));
        let pattern = |target: &String| {
            let again = new && assignments(from, target) > 1;
            format!("{}{}", if again { "mut " } else { "" }, self.local(target))
        };
        let names: Vec<String> = targets.iter().map(pattern).collect();
        let names = if let [name] = names.as_slice() { name.clone() } else { format!("[{}]", names.join(", ")) };
        out.push_str(&format!("{}{names} = {value};\n", if new { "let " } else { "" }));
        declared.extend(targets.iter().cloned());
    }

    /// Declares names that are first assigned inside a statement and used after it.
    fn hoist(&self, statement: &Statement, rest: &[Statement], declared: &mut BTreeSet<String>, out: &mut String) {
        for name in assigned(std::slice::from_ref(statement)) {
            // The targets of a loop are local to it.
            if declared.contains(&name) || !mention(rest, &name) || assignments(std::slice::from_ref(statement), &name) == 0 {
                continue;
            }
            let once = |body: &Vec<Statement>| {
                assignments(body, &name) == 1
                    && body.iter().any(|s| matches!(&s.kind, StatementKind::Assign { targets, .. } if targets.contains(&name)))
            };
            let everywhere = match &statement.kind {
                StatementKind::If { branches, otherwise } => branches.iter().all(|(_, body)| once(body)) && once(otherwise),
                _ => false,
            };
            let local = self.local(&name);
            let again = assignments(rest, &name) > 0;
            out.push_str(&match (everywhere, again) {
                (true, false) => format!("let {local};\n"),
                (true, true) => format!("let mut {local};\n"),
                (false, _) => format!("let mut {local} = Value::None;\n"),
            });
            declared.insert(name);
        }
    }

    /// An expression of type `Answer`.
    fn answer(&self, expr: &Expr) -> String {
        let (raw, fallible) = self.raw(expr);
        if fallible { raw } else { format!("Ok({raw})") }
    }

    /// An expression of type `Value`.
    fn expr(&self, expr: &Expr) -> String {
        let (raw, fallible) = self.raw(expr);
        if fallible { format!("{raw}?") } else { raw }
    }

    /// A reference to the value of an expression.
    fn borrowed(&self, expr: &Expr) -> String {
        match &expr.node {
            Node::Name(name) if self.locals.contains(name) => format!("&{}", self.local(name)),
            _ => format!("&{}", self.expr(expr)),
        }
    }

    /// Writes an expression. Also returns whether it is an `Answer` and not a `Value`.
    fn raw(&self, expr: &Expr) -> (String, bool) {
        let whole = |text: String| (text, false);
        let answer = |text: String| (text, true);
        match &expr.node {
            Node::Number(v) => whole(number(*v)),
            Node::Name(name) => whole(self.name(name)),
            Node::Unary(UnaryOp::Not, _) | Node::And(_) | Node::Or(_) => whole(format!("Value::from({})", self.condition(expr))),
            Node::Unary(op, x) => answer(format!("ns.unary({}, {})", unary(*op), self.expr(x))),
            Node::Binary(op, x, y) => answer(format!("ns.binary({}, {}, {})", binary(*op), self.expr(x), self.expr(y))),
            Node::Compare(first, rest) => match rest.as_slice() {
                [(op, y)] => answer(format!("ns.compare({}, {}, {})", compare(*op), self.expr(first), self.expr(y))),
                _ => whole(format!("Value::from({})", self.condition(expr))),
            },
            Node::Call(name, items) => answer(self.call(name, items, &[])),
            Node::Program(node) => self.program(node, expr),
        }
    }

    fn name(&self, name: &str) -> String {
        if self.locals.contains(name) {
            return format!("{}.clone()", self.local(name));
        }
        match name {
            "newaxis" => "Value::None".to_owned(),
            "inf" => "Value::from(f64::INFINITY)".to_owned(),
            "nan" => "Value::from(f64::NAN)".to_owned(),
            "pi" => "Value::from(std::f64::consts::PI)".to_owned(),
            "e" => "Value::from(std::f64::consts::E)".to_owned(),
            _ => {
                debug_assert!(!CONSTANTS.contains(&name), "each constant has its Rust name");
                name.parse::<DType>().map_or_else(|_| "Value::None".to_owned(), |d| format!("Value::from({})", dtype(d)))
            }
        }
    }

    fn program(&self, node: &ProgramNode, expr: &Expr) -> (String, bool) {
        let items = |items: &[Expr]| self.items(items);
        match node {
            ProgramNode::None => ("Value::None".to_owned(), false),
            ProgramNode::Ellipsis => ("Value::Ellipsis".to_owned(), false),
            ProgramNode::Str(v) => (format!("Value::from({})", text(v)), false),
            ProgramNode::Tuple(parts) => (format!("Value::Tuple({})", items(parts)), false),
            ProgramNode::List(parts) => (format!("Value::List({})", items(parts)), false),
            ProgramNode::Comprehension { element, target, iterable, condition } => {
                let mut locals = self.locals.clone();
                locals.insert(target.clone());
                let inner = Context { polyfill: self.polyfill, locals, read: self.read.clone() };
                let push = format!("items.push({});", inner.expr(element));
                let push = condition.as_ref().map_or_else(|| push.clone(), |c| format!("if {} {{\n{push}\n}}", inner.bare(c)));
                let target = inner.local(target);
                let over = self.expr(iterable);
                (
                    format!(
                        "{{\nlet mut items = Vec::new();\nfor {target} in {over}.try_items()?.to_vec() {{\n{push}\n}}\nValue::List(items)\n}}"
                    ),
                    false,
                )
            }
            ProgramNode::Attribute(x, name) => (format!("ns.attribute({}, {})", self.borrowed(x), text(name)), true),
            ProgramNode::Subscript(x, key) => (format!("ns.item({}, {})", self.borrowed(x), self.borrowed(key)), true),
            ProgramNode::Slice(start, stop, step) => {
                let part = |part: &Option<Box<Expr>>| part.as_ref().map_or("&Value::None".to_owned(), |x| self.borrowed(x));
                (format!("slice({}, {}, {})", part(start), part(stop), part(step)), true)
            }
            ProgramNode::Call { function, args, keywords } => (self.call(function, args, keywords), true),
            // A starred item occurs only among items, where it is taken apart.
            ProgramNode::Starred(x) => self.raw(x),
            ProgramNode::Conditional { condition, then, otherwise } => {
                (format!("if {} {{ {} }} else {{ {} }}", self.bare(condition), self.expr(then), self.expr(otherwise)), false)
            }
            ProgramNode::In { .. } | ProgramNode::IsNone { .. } => (format!("Value::from({})", self.condition(expr)), false),
        }
    }

    /// A vector of values. A starred item stands for its items.
    fn items(&self, items: &[Expr]) -> String {
        let starred = |x: &Expr| matches!(&x.node, Node::Program(ProgramNode::Starred(_)));
        if !items.iter().any(starred) {
            return format!("vec![{}]", items.iter().map(|x| self.expr(x)).collect::<Vec<_>>().join(", "));
        }
        let mut out = String::from("{\nlet mut items = Vec::new();\n");
        for x in items {
            out.push_str(&match &x.node {
                Node::Program(ProgramNode::Starred(inner)) => format!("items.extend_from_slice({}.try_items()?);\n", self.expr(inner)),
                _ => format!("items.push({});\n", self.expr(x)),
            });
        }
        out.push_str("items\n}");
        out
    }

    fn call(&self, function: &str, args: &[Expr], keywords: &[(String, Expr)]) -> String {
        let items = self.items(args);
        let items = match args {
            [Expr { node: Node::Name(name), .. }] if self.locals.contains(name) => format!("std::slice::from_ref(&{})", self.local(name)),
            _ => format!("&{}", items.strip_prefix("vec!").unwrap_or(&items)),
        };
        if helper(function).is_some() {
            return format!("ns.helper({}, {items})", text(function));
        }
        let keywords: Vec<String> = keywords.iter().map(|(name, x)| format!("({}, {})", text(name), self.expr(x))).collect();
        format!("ns.call({}, {items}, &[{}])", text(function), keywords.join(", "))
    }

    /// A condition without its parentheses.
    fn bare(&self, expr: &Expr) -> String {
        let text = self.condition(expr);
        match &expr.node {
            Node::And(_) | Node::Or(_) => text[1..text.len() - 1].to_owned(),
            _ => text,
        }
    }

    /// An expression of type `bool`.
    fn condition(&self, expr: &Expr) -> String {
        let joined = |items: &[Expr], by: &str| {
            let items: Vec<String> = items.iter().map(|x| self.condition(x)).collect();
            format!("({})", items.join(by))
        };
        match &expr.node {
            Node::And(items) => joined(items, " && "),
            Node::Or(items) => joined(items, " || "),
            Node::Unary(UnaryOp::Not, x) => format!("!{}", self.condition(x)),
            Node::Compare(first, rest) if rest.len() > 1 => {
                let left = std::iter::once(&**first).chain(rest.iter().map(|(_, x)| x));
                let pairs = left
                    .zip(rest)
                    .map(|(x, (op, y))| format!("ns.compare({}, {}, {})?.try_truth()?", compare(*op), self.expr(x), self.expr(y)));
                format!("({})", pairs.collect::<Vec<_>>().join(" && "))
            }
            Node::Program(ProgramNode::IsNone { operand, negated }) => {
                format!("{}{}.is_none()", if *negated { "!" } else { "" }, self.place(operand))
            }
            Node::Program(ProgramNode::In { item, items, negated }) => {
                format!("{}contains({}, {})?", if *negated { "!" } else { "" }, self.borrowed(items), self.borrowed(item))
            }
            _ => format!("{}.try_truth()?", self.place(expr)),
        }
    }

    /// An expression on which a method is called.
    fn place(&self, expr: &Expr) -> String {
        match &expr.node {
            Node::Name(name) if self.locals.contains(name) => self.local(name),
            _ => self.expr(expr),
        }
    }
}

fn number(v: Num) -> String {
    match v {
        Num::Bool(v) => format!("Value::from({v})"),
        Num::Int(v) => format!("Value::int({v})"),
        Num::Real(v) => {
            use std::f64::consts::{LN_2, LOG2_E};
            let constant = [("LN_2", LN_2), ("LOG2_E", LOG2_E)].into_iter().find(|(_, known)| *known == v);
            constant.map_or_else(|| format!("Value::from({v:?})"), |(name, _)| format!("Value::from(std::f64::consts::{name})"))
        }
        Num::Imaginary(v) => format!("Value::Scalar(array_assay_interface::Scalar::Complex((0.0, {v:?})))"),
        Num::Complex(re, im) => format!("Value::Scalar(array_assay_interface::Scalar::Complex(({re:?}, {im:?})))"),
    }
}

fn binary(op: BinaryOp) -> String {
    format!("Binary::{op:?}")
}

fn compare(op: CompareOp) -> String {
    format!("Compare::{op:?}")
}

fn unary(op: UnaryOp) -> String {
    format!("Unary::{op:?}")
}
