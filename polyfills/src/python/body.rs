//! Writes the body of a polyfill as Python. The namespace, which the language leaves implicit, is written out.

use std::cell::RefCell;
use std::collections::BTreeSet;

use array_assay_interface::DType;
use array_assay_language::{Python, helper};
use array_assay_spec::Spec;
use array_assay_spec::expr::{Expr, Node, ProgramNode};
use array_assay_spec::polyfill::{CONSTANTS, Polyfill, Statement, StatementKind, assigned};

use super::{mentions, python_name};

struct Context<'a> {
    spec: &'a Spec,
    /// The names that have a type: parameters, and what was assigned before.
    typed: RefCell<BTreeSet<String>>,
    /// The names that the body assigns. They take precedence, because a parameter may be called `nan`.
    local: Vec<String>,
}

/// The statements, indented by one level.
pub(super) fn python(spec: &Spec, polyfill: &Polyfill) -> String {
    let parameters: Vec<String> = polyfill.signature.parameters.iter().map(|p| p.name.clone()).collect();
    let typed = RefCell::new(parameters.iter().cloned().collect());
    let context = Context { spec, typed, local: parameters.into_iter().chain(assigned(&polyfill.body)).collect() };
    let mut out = String::new();
    context.block(&polyfill.body, polyfill, 1, &mut out);
    out
}

impl Context<'_> {
    fn block(&self, body: &[Statement], polyfill: &Polyfill, depth: usize, out: &mut String) {
        let indent = "    ".repeat(depth);
        for statement in body {
            for comment in comments_before(&polyfill.text, statement.at) {
                out.push_str(&format!("{indent}{comment}\n"));
            }
            let line = match &statement.kind {
                StatementKind::Assign { targets, value } if targets.len() > 1 && are_empty(value) => {
                    // Empty tuples that grow: each has its own line, for its type.
                    let lines: Vec<String> =
                        targets.iter().map(|target| format!("{} = ()", self.targets(std::slice::from_ref(target)))).collect();
                    lines.join(&format!("\n{indent}"))
                }
                StatementKind::Assign { targets, value } => format!("{} = {}", self.targets(targets), self.bare(value)),
                StatementKind::Augment { target, op, value } => {
                    let target = python_name(target);
                    format!("{target} = {target} {} {}", op.symbol(), self.operand(value))
                }
                StatementKind::Return(value) => format!("return {}", self.bare(value)),
                StatementKind::Raise { exception, message } => format!("raise {exception}(\"{message}\")"),
                StatementKind::If { branches, otherwise } => {
                    for (i, (condition, body)) in branches.iter().enumerate() {
                        out.push_str(&format!("{indent}{} {}:\n", if i == 0 { "if" } else { "elif" }, self.rewrite(condition)));
                        self.block(body, polyfill, depth + 1, out);
                    }
                    if !otherwise.is_empty() {
                        out.push_str(&format!("{indent}else:\n"));
                        self.block(otherwise, polyfill, depth + 1, out);
                    }
                    continue;
                }
                StatementKind::For { targets, items, body } => {
                    self.typed.borrow_mut().extend(targets.iter().cloned());
                    let mut inner = String::new();
                    self.block(body, polyfill, depth + 1, &mut inner);
                    let names = targets.iter().map(|name| if mentions(&inner, name) { name.clone() } else { format!("_{name}") });
                    let names = names.collect::<Vec<_>>().join(", ");
                    out.push_str(&format!("{indent}for {names} in {}:\n{inner}", self.rewrite(items)));
                    continue;
                }
            };
            out.push_str(&format!("{indent}{line}\n"));
        }
    }

    /// The names to assign to. One name may hold values of several types in turn, so that it takes any from its first assignment on.
    fn targets(&self, targets: &[String]) -> String {
        let mut typed = self.typed.borrow_mut();
        let [target] = targets else {
            typed.extend(targets.iter().cloned());
            return targets.join(", ");
        };
        let first = typed.insert(target.clone());
        format!("{}{}", python_name(target), if first { ": Any" } else { "" })
    }

    /// A tuple without its parentheses.
    fn bare(&self, expr: &Expr) -> String {
        let text = self.rewrite(expr).to_string();
        match &expr.node {
            Node::Program(ProgramNode::Tuple(items)) if items.len() > 1 => text[1..text.len() - 1].to_owned(),
            _ => text,
        }
    }

    fn operand(&self, expr: &Expr) -> String {
        let rewritten = self.rewrite(expr);
        match &rewritten.node {
            Node::Name(_) | Node::Number(_) | Node::Program(ProgramNode::Call { .. } | ProgramNode::Tuple(_) | ProgramNode::List(_)) => {
                rewritten.to_string()
            }
            _ => format!("({rewritten})"),
        }
    }

    fn rewrite(&self, expr: &Expr) -> Expr {
        let node = match &expr.node {
            Node::Name(name) => Node::Name(self.name(name)),
            Node::Number(v) => Node::Number(*v),
            Node::Unary(op, x) => Node::Unary(*op, self.boxed(x)),
            Node::Binary(op, x, y) => Node::Binary(*op, self.boxed(x), self.boxed(y)),
            Node::Compare(first, rest) => Node::Compare(self.boxed(first), rest.iter().map(|(op, x)| (*op, self.rewrite(x))).collect()),
            Node::And(items) => Node::And(self.all(items)),
            Node::Or(items) => Node::Or(self.all(items)),
            Node::Call(name, items) => Node::Call(name.clone(), self.all(items)),
            Node::Program(node) => Node::Program(self.program(node)),
        };
        Expr { node, at: expr.at }
    }

    fn boxed(&self, expr: &Expr) -> Box<Expr> {
        Box::new(self.rewrite(expr))
    }

    fn all(&self, items: &[Expr]) -> Vec<Expr> {
        items.iter().map(|x| self.rewrite(x)).collect()
    }

    fn name(&self, name: &str) -> String {
        if self.local.iter().any(|local| local == name) {
            return python_name(name).to_owned();
        }
        match name {
            "newaxis" => "None".to_owned(),
            _ if CONSTANTS.contains(&name) => format!("_h.{name}"),
            _ if name.parse::<DType>().is_ok() => format!("ns.{name}"),
            _ => name.to_owned(),
        }
    }

    fn program(&self, node: &ProgramNode) -> ProgramNode {
        let helper = |function: &str, x: &Expr| ProgramNode::Call {
            function: format!("_h.{function}"),
            args: vec![self.rewrite(x)],
            keywords: Vec::new(),
        };
        match node {
            ProgramNode::None | ProgramNode::Ellipsis | ProgramNode::Str(_) => node.clone(),
            ProgramNode::Tuple(items) => ProgramNode::Tuple(self.all(items)),
            ProgramNode::List(items) => ProgramNode::List(self.all(items)),
            ProgramNode::Comprehension { element, target, iterable, condition } => ProgramNode::Comprehension {
                element: self.boxed(element),
                target: target.clone(),
                iterable: self.boxed(iterable),
                condition: condition.as_ref().map(|c| self.boxed(c)),
            },
            // In some libraries these attributes of arrays differ from the standard's.
            ProgramNode::Attribute(x, name) if matches!(name.as_str(), "device" | "size" | "shape") => helper(name, x),
            ProgramNode::Attribute(x, name) => ProgramNode::Attribute(self.boxed(x), name.clone()),
            ProgramNode::Subscript(x, key) => ProgramNode::Subscript(self.boxed(x), self.boxed(key)),
            ProgramNode::Slice(start, stop, step) => {
                let part = |part: &Option<Box<Expr>>| part.as_ref().map(|x| self.boxed(x));
                ProgramNode::Slice(part(start), part(stop), part(step))
            }
            ProgramNode::Starred(x) => ProgramNode::Starred(self.boxed(x)),
            ProgramNode::Conditional { condition, then, otherwise } => {
                ProgramNode::Conditional { condition: self.boxed(condition), then: self.boxed(then), otherwise: self.boxed(otherwise) }
            }
            ProgramNode::In { item, items, negated } => {
                ProgramNode::In { item: self.boxed(item), items: self.boxed(items), negated: *negated }
            }
            ProgramNode::IsNone { operand, negated } => ProgramNode::IsNone { operand: self.boxed(operand), negated: *negated },
            ProgramNode::Call { function, args, keywords } => self.call(function, args, keywords),
        }
    }

    fn call(&self, function: &str, args: &[Expr], keywords: &[(String, Expr)]) -> ProgramNode {
        let mut args = self.all(args);
        let mut keywords: Vec<(String, Expr)> = keywords.iter().map(|(name, x)| (name.clone(), self.rewrite(x))).collect();
        let ns = Expr { node: Node::Name("ns".to_owned()), at: 0 };
        let function = if let Some(helper) = helper(function) {
            if matches!(helper.python, Python::OfNamespace(_)) {
                args.insert(0, ns);
            }
            if helper.python == Python::Builtin { function.to_owned() } else { format!("_h.{function}") }
        } else if self.spec.polyfill(function).is_some() {
            keywords.push(("xp".to_owned(), ns));
            function.to_owned()
        } else if function == "broadcast_shapes" {
            // The standard got it late, and it needs no library.
            "_h.broadcast_shapes".to_owned()
        } else if function == "isdtype" {
            // The answers are kept: for small arrays the question costs as much as the rest.
            args.insert(0, ns);
            "_h.isdtype".to_owned()
        } else {
            format!("ns.{function}")
        };
        ProgramNode::Call { function, args, keywords }
    }
}

/// Whether it is a tuple of empty tuples.
fn are_empty(value: &Expr) -> bool {
    let is_empty = |item: &Expr| matches!(&item.node, Node::Program(ProgramNode::Tuple(items)) if items.is_empty());
    matches!(&value.node, Node::Program(ProgramNode::Tuple(items)) if items.iter().all(is_empty))
}

/// The comment lines directly before a statement.
pub(crate) fn comments_before(text: &str, at: usize) -> Vec<&str> {
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let mut lines: Vec<&str> = text[..start].lines().rev().map(str::trim).take_while(|line| line.starts_with('#')).collect();
    lines.reverse();
    lines
}
