//! The model of a function: what the YAML files say of it, checked.

use std::collections::BTreeMap;

use array_assay_format::{CheckId, ClauseRef, GAPS, Glob, Level, Property, Revision};
use array_assay_interface::{DType, Defaults};

use crate::accepted::Accepted;
use crate::clause::{ClauseEntry, Source};
use crate::domain::Domain;
use crate::expr::Expr;
use crate::invalid::{OpenCall, Raise};
use crate::pages::Page;
use crate::rule::Rule;
use crate::shape::ShapeRule;
use crate::{DtypeSet, Dtypes, SpecSignature};

/// A function of the standard.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// The category, such as `elementwise`.
    pub category: String,
    /// Whether the category is an extension, a namespace of its own.
    pub is_extension: bool,
    /// The name.
    pub name: String,
    /// The first revision that has it.
    pub since: Revision,
    /// The last revision that has it, if it ended.
    pub until: Option<Revision>,
    /// The signature.
    pub signature: SpecSignature,
    /// The path, if the function is not a name in the namespace but an attribute, a method or an operator.
    pub path: Option<String>,
    /// Where the function is described.
    pub page: Described,
    /// How an operator of the array object calls the element-wise function with its semantics. `None` for other functions.
    pub operator: Option<Operator>,
    /// Whether a library may lack the function. All its checks are then at `quality`.
    pub optional: bool,
    /// The array operands of an element-wise function, in the order of the signature. Empty for other functions.
    pub operands: Vec<Operand>,
    /// The parameters of a function that is not element-wise, in the order in which they are drawn.
    pub parameters: Vec<Parameter>,
    /// Aspects: calls that fulfil a condition and have checks of their own.
    pub aspects: Vec<Aspect>,
    /// Calls that a library may refuse. If such a call returns, its result is judged.
    pub refusable: Vec<Refusal>,
    /// The rule for operands outside the domain that a library may accept or refuse.
    pub accepted: Option<Accepted>,
    /// Calls that have to raise.
    pub raises: Vec<Raise>,
    /// Calls whose result the text leaves open, of a function that is not element-wise.
    pub open: Vec<OpenCall>,
    /// Rules for the result.
    pub result: ResultRule,
    /// How values are judged, by input dtype.
    pub value: BTreeMap<DType, ValueClass>,
    /// What the text demands of a result whose accuracy it leaves open, such as a triangle or an order.
    pub structure: Option<String>,
    /// What the text leaves free.
    pub freedoms: Freedoms,
    /// Values that replace drawn elements of an operand for which the result would be open.
    pub safe: BTreeMap<String, SafeValue>,
    /// Elements for which the text leaves the result open.
    pub unspecified: Option<Expr>,
    /// Known hard inputs: worst cases, past bugs, and inputs on which two seeds gave different verdicts.
    pub hard: Vec<Vec<Expr>>,
    /// Special cases, including those derived from other functions and by symmetry.
    pub rules: Vec<Rule>,
    /// The other clauses.
    pub clauses: Vec<ClauseEntry>,
}

/// Where a function is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Described {
    /// A page of the standard.
    Standard(Page),
    /// The URL of a gap's discussion. Empty if there is none.
    Tracker(String),
}

/// An array operand.
#[derive(Debug, Clone, PartialEq)]
pub struct Operand {
    /// The name of the parameter.
    pub name: String,
    /// The dtypes of its domain in the newest revision.
    pub dtypes: DtypeSet,
    /// Dtypes that came later than the function, with their first revision.
    pub added: BTreeMap<DType, Revision>,
    /// The revision since which Python scalars are legal.
    pub scalars: Option<Revision>,
    /// Whether it may be left out or `None`.
    pub optional: bool,
    /// The operand whose dtype it has to share.
    pub same_as: Option<String>,
}

/// An operator of the array object.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// The element-wise function whose semantics it has.
    #[serde(rename = "as")]
    pub semantics: String,
    /// How the operator is called.
    pub form: OperatorForm,
    /// For a reflected operator, the path of the operator that calls it.
    #[serde(default)]
    pub python: Option<String>,
    /// The revision since which it takes a Python complex together with a real floating-point array.
    #[serde(default)]
    pub complex_scalars: Option<Revision>,
}

/// How an operator is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorForm {
    /// `x1 op x2`, where `x2` may be a Python scalar.
    Forward,
    /// The same with the array on the right: the reflected method, or the operator with a Python scalar as `x1`.
    Reflected,
    /// `x1 op= x2`.
    InPlace,
}

/// A parameter of a function that is not element-wise.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The name.
    pub name: String,
    /// The arguments that are legal.
    pub domain: Domain,
    /// The dtypes of the arrays that it takes, or the dtypes that it takes as arguments.
    pub dtypes: DtypeSet,
    /// The first revision that has it, if that is later than the function's.
    pub since: Option<Revision>,
    /// The first revision in which each dtype of an array is legal, if that is later than the function's.
    pub added: BTreeMap<DType, Revision>,
}

/// An aspect: calls that fulfil a condition and have a check of their own. Their outcomes count there and not in the plain check of the
/// property.
#[derive(Debug, Clone, PartialEq)]
pub struct Aspect {
    /// The slug, unique within the property.
    pub slug: String,
    /// The properties that it is split from.
    pub properties: Vec<Property>,
    /// The condition on facts of the call.
    pub when: Expr,
    /// The elements that the condition is about. The aspect then judges only the results of these elements.
    pub elements: Option<ElementCondition>,
    /// Whether the aspect applies only to approximations, in a function that is exact on other dtypes.
    pub approximate: bool,
    /// The level.
    pub level: Level,
    /// The first revision, if that is later than the function's.
    pub since: Option<Revision>,
    /// The last revision, if the aspect ended.
    pub until: Option<Revision>,
    /// Why the text is doubtful.
    pub doubt: Option<String>,
    /// What the text says, in our own words.
    pub says: String,
    /// Hashes of the upstream sentences.
    pub source: Source,
}

/// Elements that the condition of an aspect is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ElementCondition {
    /// Elements that are NaN.
    Nan,
}

/// Calls that a library may refuse.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The condition on facts of the call.
    pub when: Expr,
    /// Why the library may refuse them, in our own words.
    pub says: String,
}

/// Rules for the result.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultRule {
    /// The dtype.
    pub dtype: DtypeRule,
    /// The level of the rule for the dtype.
    pub dtype_level: Level,
    /// The arrays whose dtypes and shapes the YAML states. `None` if the text states them in another way, or if there is no array.
    pub arrays: Option<Results>,
    /// Rules for the dtype in earlier revisions, each with its last revision.
    pub earlier: Vec<(Revision, DtypeRule)>,
    /// The attributes of a result that is an object.
    pub attributes: Vec<String>,
    /// The revision since which a sequence of results has to be a tuple. Before, a list is right too.
    pub tuple: Option<Revision>,
    /// The argument that the call may change.
    pub mutates: Option<String>,
    /// The argument that is judged after the call, in place of the result.
    pub observes: Option<String>,
}

/// Rules for the result's dtype.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DtypeRule {
    /// The promotion of all array operands.
    Promote,
    /// The dtype of the first operand.
    Same,
    /// The dtype `bool`.
    Boolean,
    /// The real dtype of the same precision.
    RealOf,
    /// The complex dtype of the same precision.
    ComplexOf,
    /// The argument `dtype`, or that of the first array.
    GivenOrSame,
    /// The argument `dtype`, or the default real floating one.
    GivenOrDefault,
    /// The argument `dtype`, or what the values suggest: the semantics say which.
    GivenOrInferred,
    /// The argument `dtype`. Without it, integers get the default dtype of their kind, unless that is narrower; other dtypes stay.
    GivenOrUpcast,
    /// Like `given_or_upcast`, but for floats too.
    GivenOrUpcastFloating,
    /// The default dtype of indices.
    Index,
    /// The default integer dtype.
    DefaultInteger,
    /// The oracle states the dtypes, because the result has several arrays.
    Stated,
    /// The result is no array.
    None,
}

/// The arrays that come out of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Results {
    /// One.
    One(ResultArray),
    /// A named tuple of these, in order.
    Fields(Vec<(String, ResultArray)>),
    /// A sequence of arrays with one rule for all.
    Several(Several, ResultArray),
}

impl Results {
    /// The rules for the arrays, each once.
    pub fn each(&self) -> impl Iterator<Item = &ResultArray> {
        let (one, fields) = match self {
            Results::One(rules) | Results::Several(_, rules) => (Some(rules), [].as_slice()),
            Results::Fields(fields) => (None, fields.as_slice()),
        };
        one.into_iter().chain(fields.iter().map(|(_, rules)| rules))
    }
}

/// The rules for an array that comes out of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultArray {
    /// For its dtype.
    pub dtype: DtypeRule,
    /// For its shape.
    pub shape: ShapeRule,
}

/// How many arrays come out of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Several {
    /// As many as a rule says.
    Count(ShapeRule),
    /// One for each array of this argument, whose dtype is meant where the rule for the dtype speaks of an argument's.
    Each(String),
}

/// How a value is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueClass {
    /// Bit for bit up to the freedoms.
    Exact,
    /// Correctly rounded.
    Rounded,
    /// Graded in ULP.
    Approximate,
}

/// What replaces an element whose result would be left open.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(untagged)]
pub enum SafeValue {
    /// A number.
    Number(i64),
    /// The element of another operand at the same place.
    Operand(String),
}

/// What the text leaves free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Freedoms {
    /// The sign of zero results.
    pub zero_sign: Freedom,
}

/// Whether something is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freedom {
    /// As computed.
    #[default]
    Kept,
    /// Any.
    Any,
}

impl Function {
    /// Its path in the namespace: the extensions' functions live in one of their own.
    pub fn path(&self) -> String {
        match &self.path {
            Some(path) => path.clone(),
            None => self.extension().map_or_else(|| self.name.clone(), |extension| format!("{extension}.{}", self.name)),
        }
    }

    /// Its category and name, with which the ids of its checks begin: `linalg/svd`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.category, self.name)
    }

    /// The extension that it is of.
    pub fn extension(&self) -> Option<&str> {
        self.is_extension.then_some(self.category.as_str())
    }

    /// Its key in the oracle: its path, or the name of a gap, whose path differs from library to library.
    pub fn oracle_path(&self) -> String {
        if self.is_gap() { self.name.clone() } else { self.path() }
    }

    /// The function whose result it is a method of, where it is a method of something else than an array.
    pub fn owner(&self) -> Option<&str> {
        (self.category == "inspection" && self.path.is_some()).then_some("__array_namespace_info__")
    }

    /// The element-wise function whose semantics it has: its own name, but for an operator.
    pub fn semantics(&self) -> &str {
        self.operator.as_ref().map_or(&self.name, |operator| &operator.semantics)
    }

    /// Whether it is called as this form of an operator.
    pub fn is_operator(&self, form: OperatorForm) -> bool {
        self.operator.as_ref().is_some_and(|operator| operator.form == form)
    }

    /// Whether a library can show its signature: Python does not show those of attributes, operators and conversions.
    pub fn shows_signature(&self) -> bool {
        self.owner().is_none() && self.path.as_ref().is_none_or(|path| path.starts_with("method.") || !path.contains('.'))
    }

    /// Whether it takes an argument that says whether to copy.
    pub fn copies(&self) -> bool {
        self.parameters.iter().any(|p| matches!(p.domain, Domain::Copy {}))
    }

    /// Whether it works element by element, so that its calls are drawn from operands.
    pub fn is_elementwise(&self) -> bool {
        !self.operands.is_empty()
    }

    /// The id of one of its checks.
    pub fn check_id(&self, property: Property, slug: Option<&str>) -> CheckId {
        CheckId { category: self.category.clone(), function: self.name.clone(), property, slug: slug.map(str::to_owned) }
    }

    /// Whether a check of the function tests one of its clauses.
    pub fn is_tested_by(&self, clause: &ClauseEntry, check: &CheckId) -> bool {
        let glob = |test: &String| format!("{}/{}::{test}", self.category, self.name).parse::<Glob>();
        clause.tests.iter().any(|test| glob(test).is_ok_and(|glob| glob.matches(check)))
    }

    /// The conditions of its clauses, each with the index of the clause.
    pub fn conditions(&self) -> impl Iterator<Item = (usize, &Expr)> {
        self.clauses.iter().enumerate().filter_map(|(i, clause)| Some((i, clause.when.as_ref()?)))
    }

    /// Whether no program can judge it.
    pub fn is_untestable(&self) -> bool {
        self.is_gap() && self.parameters.is_empty() && self.operands.is_empty()
    }

    /// Whether the standard lacks it.
    pub fn is_gap(&self) -> bool {
        self.category == GAPS
    }

    /// The page that describes it: in the newest revision of the standard that has it, or where the gap is discussed.
    pub fn url(&self) -> String {
        self.url_of(self.since, self.until)
    }

    /// The page of the newest revision that says what holds from `since` to `until`; of a gap, where it is discussed.
    pub fn url_of(&self, since: Revision, until: Option<Revision>) -> String {
        match &self.page {
            Described::Standard(page) => page.url(since, until),
            Described::Tracker(url) => url.clone(),
        }
    }

    /// A clause in our notation, with the link to the page that says so.
    pub fn clause(&self, says: impl Into<String>, since: Revision, until: Option<Revision>) -> ClauseRef {
        ClauseRef { says: says.into(), url: self.url_of(since, until) }
    }

    /// An operand by name.
    pub fn operand(&self, name: &str) -> Option<&Operand> {
        self.operands.iter().find(|o| o.name == name)
    }

    /// The revision since which a Python complex is legal beside a real floating-point array.
    pub fn complex_scalars_since(&self) -> Option<Revision> {
        self.operator.as_ref().and_then(|operator| operator.complex_scalars)
    }

    /// The revision since which Python scalars are legal for some operand.
    pub fn scalars_since(&self) -> Option<Revision> {
        self.operands.iter().filter_map(|o| o.scalars).min()
    }

    /// The first revision in which operands of these dtypes are in the domain.
    pub fn dtypes_since(&self, dtypes: &Dtypes, used: impl IntoIterator<Item = DType>) -> Revision {
        let first = self.since;
        used.into_iter().fold(first, |latest, d| {
            let operands = self.operands.iter().map(|o| &o.added);
            let added = operands.chain(self.parameters.iter().map(|p| &p.added)).filter_map(|added| added.get(&d).copied()).max();
            latest.max(dtypes.since(d)).max(added.unwrap_or(first))
        })
    }

    /// How the value is judged for inputs of `dtype`.
    pub fn value_class(&self, dtype: DType) -> ValueClass {
        self.value.get(&dtype).copied().unwrap_or(ValueClass::Exact)
    }
}

impl DtypeRule {
    /// The dtype of the result of a call: `given` is the dtype asked for, `first` that of the first array, `promoted` what the arrays promote to;
    /// `None` where the rule leaves it to the semantics, or what it needs is not there.
    pub fn dtype(
        self,
        given: Option<DType>,
        first: Option<DType>,
        promoted: impl FnOnce() -> Option<DType>,
        defaults: Defaults,
    ) -> Option<DType> {
        match self {
            DtypeRule::Promote => promoted(),
            DtypeRule::Same => first,
            DtypeRule::Boolean => Some(DType::Bool),
            DtypeRule::RealOf => first.map(DType::real),
            DtypeRule::ComplexOf => first.map(DType::complex),
            DtypeRule::GivenOrSame => given.or(first),
            DtypeRule::GivenOrDefault => given.or(Some(defaults.real)),
            DtypeRule::GivenOrInferred => given,
            DtypeRule::GivenOrUpcast => given.or(first.map(|d| defaults.at_least_integer(d))),
            DtypeRule::GivenOrUpcastFloating => given.or(first.map(|d| defaults.at_least(d))),
            DtypeRule::Index => Some(defaults.index),
            DtypeRule::DefaultInteger => Some(defaults.integer),
            DtypeRule::Stated | DtypeRule::None => None,
        }
    }
}

impl ResultRule {
    /// The rule for the shape of a result that is one array.
    pub fn shape(&self) -> Option<&ShapeRule> {
        match &self.arrays {
            Some(Results::One(array)) => Some(&array.shape),
            _ => None,
        }
    }

    /// The result's dtype for operands that promote to `common`, the first being `first`.
    pub fn dtype_of(&self, first: DType, common: DType) -> DType {
        // The components of complex operands are those of the common dtype.
        let first = if self.dtype == DtypeRule::Same { first } else { common };
        self.dtype.dtype(None, Some(first), || Some(common), Defaults::default()).unwrap_or(common)
    }
}
