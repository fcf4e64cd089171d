//! Writes the trait of typed methods, the keywords of each method, and the polyfills as functions that are generic over the trait.

use array_assay_format::Revision;
use array_assay_interface::ParameterKind;
use array_assay_spec::{Domain, DtypeRule, Function, GAPS, Parameter, Results, Spec, SpecParameter};

use super::{identifier, text};
use crate::python::document;

/// The type of argument that a method takes for a parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    Array,
    Arrays,
    /// An array, a Python scalar, or any other argument.
    Any,
    Int,
    Ints,
    Flag,
    Text,
    Dtype,
    Number,
    /// A number or a name.
    Choice,
    Device,
}

impl Taken {
    /// Whether a keyword of this type needs no lifetime.
    fn is_held(self) -> bool {
        !matches!(self, Taken::Array | Taken::Arrays | Taken::Any)
    }

    /// The type of a field.
    fn field(self) -> &'static str {
        match self {
            Taken::Int => "i64",
            Taken::Ints => "Ints",
            Taken::Flag => "bool",
            Taken::Text => "String",
            Taken::Dtype => "DType",
            Taken::Number => "Scalar",
            Taken::Device => "Device",
            _ => "Choice",
        }
    }

    /// The type of a method's argument.
    fn argument(self, of: &str) -> String {
        match self {
            Taken::Array => format!("&{of}::Array"),
            Taken::Arrays => format!("&[&{of}::Array]"),
            Taken::Any => format!("impl Into<Argument<'x, {of}::Array>>"),
            Taken::Text => "&str".to_owned(),
            Taken::Int | Taken::Flag | Taken::Dtype => self.field().to_owned(),
            _ => format!("impl Into<{}>", self.field()),
        }
    }

    /// The argument in the form that a call takes.
    fn passed(self, name: &str) -> String {
        match self {
            Taken::Array => format!("Argument::Array({name})"),
            Taken::Arrays => format!("Argument::List({name}.iter().map(|x| Argument::Array(*x)).collect())"),
            Taken::Any => format!("{name}.into()"),
            Taken::Number | Taken::Choice | Taken::Ints | Taken::Device => {
                format!("Keyword::argument(&{name}.into() as &{})", self.field())
            }
            _ => format!("Keyword::argument(&{name})"),
        }
    }
}

/// The result of a method.
enum Gives {
    Array,
    /// A tuple whose fields have names.
    Fields(Vec<String>),
    Arrays,
    Output,
}

impl Gives {
    fn hint(&self, of: &str) -> String {
        match self {
            Gives::Array => format!("{of}::Array"),
            Gives::Fields(names) => format!("[{of}::Array; {}]", names.len()),
            Gives::Arrays => format!("Vec<{of}::Array>"),
            Gives::Output => format!("Output<{of}::Array>"),
        }
    }

    fn reader(&self) -> &'static str {
        match self {
            Gives::Array => "one",
            Gives::Fields(_) => "several",
            Gives::Arrays => "all",
            Gives::Output => "",
        }
    }

    /// The expression that reads the result of a call.
    fn read(&self, call: &str) -> String {
        match self {
            Gives::Output => call.to_owned(),
            _ => format!("{}({call}?)", self.reader()),
        }
    }
}

/// A method: a function and the types of its parameters.
struct Method<'s> {
    spec: &'s Spec,
    function: &'s Function,
    path: String,
    name: String,
}

impl<'s> Method<'s> {
    /// The functions that are called by name, and not as a method or operator.
    fn all(spec: &'s Spec) -> Vec<Method<'s>> {
        let named = |f: &&Function| match f.category.as_str() {
            "array" | "inspection" | "constants" => false,
            "data_type" => f.path.is_none() && f.name.parse::<array_assay_interface::DType>().is_err(),
            _ => f.until.is_none(),
        };
        // Rust has no type for an object of another library.
        let rust = |f: &&Function| f.name != "from_dlpack" && f.name != "__array_namespace_info__";
        let functions = spec.with_gaps().filter(named).filter(rust);
        let mut out: Vec<Method<'s>> = functions
            .map(|function| {
                let path = function.path();
                Method { spec, function, name: identifier(&path.replace('.', "_")), path }
            })
            .collect();
        out.sort_by(|a, b| a.path.cmp(&b.path));
        out
    }

    fn domain(&self, name: &str) -> Option<&Parameter> {
        self.function.parameters.iter().find(|p| p.name == name)
    }

    fn taken(&self, p: &SpecParameter) -> Taken {
        if p.kind == ParameterKind::VarPositional {
            return if matches!(self.domain(&p.name).map(|p| &p.domain), Some(Domain::Arrays { .. })) { Taken::Arrays } else { Taken::Any };
        }
        if let Some(operand) = self.function.operand(&p.name) {
            return if operand.scalars.is_some() || operand.optional { Taken::Any } else { Taken::Array };
        }
        match self.domain(&p.name).map(|p| &p.domain) {
            Some(Domain::Array { .. } | Domain::Sorter { .. }) => Taken::Array,
            Some(Domain::Arrays { .. }) => Taken::Arrays,
            Some(Domain::Axis { .. } | Domain::Integer { .. } | Domain::NewAxis { .. } | Domain::TransformLength { .. }) => Taken::Int,
            Some(
                Domain::Axes { .. }
                | Domain::MovedAxes { .. }
                | Domain::Permutation { .. }
                | Domain::NewAxes { .. }
                | Domain::UnitAxes { .. }
                | Domain::Sizes {}
                | Domain::Reshape { .. }
                | Domain::BroadcastShape { .. }
                | Domain::Shift { .. }
                | Domain::Repetitions { .. }
                | Domain::TransformAxes { .. }
                | Domain::TransformLengths { .. },
            ) => Taken::Ints,
            Some(Domain::Flag {} | Domain::Copy {}) => Taken::Flag,
            Some(Domain::Choice { .. }) => Taken::Text,
            Some(Domain::Device {}) => Taken::Device,
            Some(Domain::Dtype { .. }) => Taken::Dtype,
            Some(Domain::Number { .. } | Domain::Real { .. } | Domain::Range { .. } | Domain::Spacing {}) => Taken::Number,
            Some(Domain::Order { .. }) => Taken::Choice,
            _ => Taken::Any,
        }
    }

    /// The parameters of the method, and those in its keywords.
    fn split(&self) -> (Vec<&SpecParameter>, Vec<&SpecParameter>) {
        self.function.signature.parameters.iter().partition(|p| p.default.is_none() || !self.taken(p).is_held())
    }

    /// The name of the type that holds its keywords.
    fn keywords(&self) -> String {
        let word = |word: &str| {
            let mut letters = word.chars();
            letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect::<String>())
        };
        self.path.split(['.', '_']).map(word).collect()
    }

    fn gives(&self) -> Gives {
        let result = &self.function.result;
        match (result.dtype, &result.arrays) {
            (DtypeRule::None, _) => Gives::Output,
            (DtypeRule::Stated, Some(Results::Fields(fields))) => Gives::Fields(fields.iter().map(|(name, _)| name.clone()).collect()),
            (DtypeRule::Stated, None | Some(Results::Several(..))) => Gives::Arrays,
            _ => Gives::Array,
        }
    }

    fn doc(&self) -> String {
        let function = self.function;
        let gap = self.spec.gap(&function.name).filter(|_| function.category == GAPS);
        let first = match gap {
            Some(gap) => format!("`{}`: {}. The standard lacks it.", function.signature, gap.says),
            None => format!("`{}` of the standard.", function.signature),
        };
        let mut out = vec![first, String::new()];
        for p in &function.signature.parameters {
            let default = p.default.as_ref().map_or(String::new(), |default| format!(", default {default}"));
            out.push(format!(
                "- `{}`: {}{default}",
                p.name,
                document::described(self.spec, function, &p.name).replace('[', "\\[").replace(']', "\\]")
            ));
        }
        let gives = match self.gives() {
            Gives::Fields(names) => format!("{}.", names.join(", ")),
            _ => format!("{}.", document::result(function)),
        };
        let source = function.url();
        out.extend([
            String::new(),
            format!("Gives {gives}"),
            String::new(),
            "# Errors".to_owned(),
            String::new(),
            "[`CallError::Missing`] where the library lacks it, otherwise what it raises for these arguments.".to_owned(),
        ]);
        if !source.is_empty() {
            out.extend([String::new(), format!("Source: <{source}>")]);
        }
        out.iter().map(|line| format!("    ///{}{line}\n", if line.is_empty() { "" } else { " " })).collect()
    }

    /// The head of the function, and its arguments by position and by keyword.
    fn parts(&self, of: &str) -> (String, String) {
        let (own, held) = self.split();
        let typed = own.iter().map(|p| format!("{}: {}", identifier(&p.name), optional(self.taken(p), p, of)));
        let mut typed: Vec<String> = typed.collect();
        if !held.is_empty() {
            typed.push(format!("keywords: {}", self.keywords()));
        }
        let (mut first, mut more, mut kwargs) = (Vec::new(), String::new(), String::new());
        for p in &self.function.signature.parameters {
            let (taken, name) = (self.taken(p), identifier(&p.name));
            let is_held = held.iter().any(|h| h.name == p.name);
            match p.kind {
                ParameterKind::VarPositional if taken == Taken::Arrays => {
                    more.push_str(&format!("args.extend({name}.iter().map(|x| Argument::Array(*x)));\n"));
                }
                ParameterKind::VarPositional => more.push_str(&format!("args.extend({name}.into_iter().map(Into::into));\n")),
                ParameterKind::PositionalOnly if is_held => {
                    more.push_str(&format!("args.extend(keywords.{name}.take().map(|v| v.argument()));\n"));
                }
                _ if is_held => {}
                ParameterKind::KeywordOnly | ParameterKind::PositionalOrKeyword if p.default.is_some() && taken == Taken::Array => {
                    kwargs.push_str(&format!("kwargs.extend({name}.map(|x| ({}.to_owned(), Argument::Array(x))));\n", text(&p.name)));
                }
                ParameterKind::KeywordOnly => {
                    kwargs.push_str(&format!("kwargs.extend([({}.to_owned(), {})]);\n", text(&p.name), taken.passed(&name)));
                }
                _ => first.push(taken.passed(&name)),
            }
        }
        let mut body = String::new();
        if held.iter().any(|p| p.kind == ParameterKind::PositionalOnly) {
            body.push_str("let mut keywords = keywords;\n");
        }
        let first = first.join(", ");
        body.push_str(&if more.is_empty() { format!("let args = [{first}];\n") } else { format!("let mut args = vec![{first}];\n{more}") });
        let given = match (held.is_empty(), kwargs.is_empty()) {
            (true, true) => "[]",
            (true, false) => "Vec::new()",
            (false, _) => "keywords.given()",
        };
        body.push_str(&format!("let {}kwargs = {given};\n{kwargs}", if kwargs.is_empty() { "" } else { "mut " }));
        (typed.join(", "), body)
    }

    fn lifetimes(&self) -> &'static str {
        let (own, _) = self.split();
        if own.iter().any(|p| self.taken(p) == Taken::Any) { "'x, " } else { "" }
    }
}

fn optional(taken: Taken, p: &SpecParameter, of: &str) -> String {
    match taken {
        Taken::Array if p.default.is_some() => format!("Option<{}>", taken.argument(of)),
        Taken::Any if p.kind == ParameterKind::VarPositional => format!("impl IntoIterator<Item = impl Into<Argument<'x, {of}::Array>>>"),
        _ => taken.argument(of),
    }
}

/// The trait.
pub(super) fn namespace(spec: &Spec) -> String {
    let mut out = format!(
        "//! The functions of the standard, up to revision {}, and of its gaps, as methods of every backend.\n\n\
         use array_assay_interface::{{Argument, Backend, CallError, DType, Output, Scalar}};\n\n\
         use crate::keywords::*;\nuse crate::result::{{all, one, several}};\n\n\
         /// The functions of the standard and of its gaps as methods of every backend.\n///\n\
         /// An argument that may be an array or a number is anything that becomes an [`Argument`]: a reference to an array, a number, `Argument::None`.\n\
         /// Keywords left out have the standard's defaults.\n\
         pub trait Namespace: Backend + Sized {{\n",
        Revision::NEWEST
    );
    for method in Method::all(spec) {
        let (typed, body) = method.parts("Self");
        let lifetimes = method.lifetimes();
        let generic = if lifetimes.is_empty() { String::new() } else { "<'x>".to_owned() };
        let outlives = if lifetimes.is_empty() { "" } else { " where Self::Array: 'x" };
        let gives = method.gives();
        out.push_str(&format!(
            "{}    fn {}{generic}(&mut self{}{typed}) -> Result<{}, CallError>{outlives} {{\n{body}{}\n}}\n\n",
            method.doc(),
            method.name,
            if typed.is_empty() { "" } else { ", " },
            gives.hint("Self"),
            gives.read(&format!("self.call({}, &args, &kwargs)", text(&method.path))),
        ));
    }
    out.push_str("}\n\nimpl<B: Backend> Namespace for B {}\n");
    out
}

/// The types of the keywords.
pub(super) fn keywords(spec: &Spec) -> String {
    let mut out = String::from(
        "//! The keywords of the functions.\n\nuse array_assay_interface::{DType, Scalar};\n\n\
         use crate::keyword::keywords;\npub use crate::keyword::{Choice, Device, Ints};\npub(crate) use crate::keyword::Keyword;\n\nkeywords! {\n",
    );
    for method in Method::all(spec) {
        let (_, held) = method.split();
        if held.is_empty() {
            continue;
        }
        let fields: Vec<String> = held.iter().map(|p| format!("{}: {}", identifier(&p.name), method.taken(p).field())).collect();
        out.push_str(&format!(
            "    /// Keywords of [`{}`](crate::Namespace::{}).\n    {} {{ {} }}\n",
            method.path,
            method.name,
            method.keywords(),
            fields.join(", ")
        ));
    }
    out.push_str("}\n");
    out
}

/// The polyfills as functions.
pub(super) fn functions(spec: &Spec) -> String {
    let mut out = String::from(
        "//! The polyfills as functions generic over the namespace: composed of its functions, whatever it has itself.\n\n\
         use array_assay_interface::{Argument, CallError, Scalar};\n\n\
         use crate::composed::composed;\nuse crate::keywords::*;\nuse crate::namespace::Namespace;\nuse crate::result::{all, one};\n",
    );
    for method in Method::all(spec) {
        if spec.polyfill(&method.path).is_none() {
            continue;
        }
        let (typed, body) = method.parts("N");
        let gives = method.gives();
        out.push_str(&format!(
            "\n{}pub fn {}<{}N: Namespace>(ns: &mut N{}{typed}) -> Result<{}, CallError> {} {{\n{body}{}\n}}\n",
            method.doc().replace("    ///", "///"),
            method.name,
            method.lifetimes(),
            if typed.is_empty() { "" } else { ", " },
            gives.hint("N"),
            if method.lifetimes().is_empty() { "" } else { "where N::Array: 'x" },
            gives.read(&format!("composed(ns, {}, &args, &kwargs)", text(&method.path))),
        ));
    }
    out
}
