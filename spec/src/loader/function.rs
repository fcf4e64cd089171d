//! Reads a function of a YAML file: the entry as it is written, and the function that it becomes after all names in it are checked.

use std::collections::BTreeMap;

use array_assay_format::{Property, Revision};
use array_assay_interface::DType;
use serde::Deserialize;

use super::builder::{Builder, RawEntry, RawLevel};
use super::result::{Drawn, RawResult};
use super::source::Chunk;
use super::special::{RawAsIf, RawSpecial, RawSymmetry};
use crate::accepted::{Accepted, Gives};
use crate::clause::{ClauseEntry, ClauseLevel};
use crate::domain::Domain;
use crate::error::SpecError;
use crate::expr::Expr;
use crate::facts::{facts, operand_facts};
use crate::gap::{Demand, GAPS, Gap, Measure, Native, Status, Tracker};
use crate::invalid::{Invalid, OpenCall, Raise};
use crate::model::*;
use crate::pages::Page;
use crate::standard::Spec;
use crate::{Dtypes, SpecSignature};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFunction {
    name: String,
    #[serde(default)]
    since: Option<Revision>,
    #[serde(default)]
    until: Option<Revision>,
    #[serde(default)]
    signature: String,
    #[serde(default)]
    path: Option<String>,
    /// The page of the standard, if that differs from the file's pattern.
    #[serde(default)]
    pub(super) page: Option<String>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    pub(super) operator: Option<Operator>,
    /// `category/name` of the function of which this entry is another path.
    #[serde(default)]
    pub(super) alias: Option<String>,
    #[serde(default)]
    operands: BTreeMap<String, RawOperand>,
    #[serde(default)]
    parameters: serde_yaml::Mapping,
    #[serde(default)]
    aspects: Vec<RawAspect>,
    #[serde(default)]
    refusable: Vec<RawRefusal>,
    #[serde(default)]
    accepted: Option<RawAccepted>,
    #[serde(default)]
    raises: Vec<RawRaise>,
    #[serde(default)]
    open: Vec<OpenCall>,
    #[serde(default)]
    result: Option<RawResult>,
    #[serde(default)]
    value: BTreeMap<String, ValueClass>,
    #[serde(default)]
    structure: Option<String>,
    #[serde(default)]
    freedoms: Freedoms,
    #[serde(default)]
    safe: BTreeMap<String, SafeValue>,
    #[serde(default)]
    unspecified: Option<String>,
    #[serde(default)]
    hard: Vec<Vec<String>>,
    #[serde(default)]
    special: Vec<RawSpecial>,
    #[serde(default)]
    as_if: Vec<RawAsIf>,
    #[serde(default)]
    symmetries: Vec<RawSymmetry>,
    #[serde(default)]
    clauses: Vec<RawClause>,
    // Keys of gaps:
    #[serde(default)]
    says: Option<String>,
    #[serde(default)]
    status: Option<RawStatus>,
    #[serde(default)]
    entered: Option<Revision>,
    #[serde(default)]
    trackers: Vec<Tracker>,
    #[serde(default)]
    demand: Demand,
    #[serde(default)]
    native: BTreeMap<String, Native>,
    #[serde(default)]
    elsewhere: Vec<String>,
    #[serde(default)]
    hazards: Vec<String>,
    #[serde(default)]
    polyfill: Option<String>,
    #[serde(default)]
    untestable: Option<String>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum RawStatus {
    Proposed,
    Declined,
    Open,
}

impl From<RawStatus> for Status {
    fn from(raw: RawStatus) -> Status {
        match raw {
            RawStatus::Proposed => Status::Proposed,
            RawStatus::Declined => Status::Declined,
            RawStatus::Open => Status::Open,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOperand {
    dtypes: String,
    #[serde(default)]
    added: BTreeMap<Revision, String>,
    #[serde(default)]
    scalars: Option<Revision>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    same_as: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRaise {
    slug: String,
    #[serde(flatten)]
    level: RawLevel,
    invalid: Invalid,
    argument: String,
    #[serde(default)]
    class: Option<String>,
    #[serde(default)]
    since: Option<Revision>,
    #[serde(default)]
    until: Option<Revision>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAspect {
    #[serde(flatten)]
    entry: RawEntry,
    #[serde(flatten)]
    level: RawLevel,
    properties: Vec<Property>,
    when: String,
    #[serde(default)]
    elements: Option<ElementCondition>,
    #[serde(default)]
    approximate: bool,
    says: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAccepted {
    dtypes: String,
    #[serde(default)]
    beside: Option<String>,
    gives: Gives,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRefusal {
    when: String,
    says: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClause {
    #[serde(flatten)]
    entry: RawEntry,
    level: ClauseLevel,
    #[serde(default)]
    tests: Vec<String>,
    #[serde(default)]
    when: Option<String>,
    #[serde(default)]
    untestable: Option<String>,
    #[serde(default)]
    says: Option<String>,
}

impl RawClause {
    /// Makes the clause. Its condition may use these facts about a call.
    pub(super) fn build(self, facts: &[String], chunk: &Chunk<'_>, errors: &mut Vec<SpecError>) -> ClauseEntry {
        let when = self.when.and_then(|text| condition(&text, facts, chunk, errors));
        let RawEntry { slug, since, until, source } = self.entry;
        let RawClause { level, tests, untestable, says, .. } = self;
        ClauseEntry { slug, level, tests, when, untestable, says, since, until, source: source.into() }
    }
}

/// Parses a condition on these facts.
fn condition(text: &str, facts: &[String], chunk: &Chunk<'_>, errors: &mut Vec<SpecError>) -> Option<Expr> {
    let parsed = Expr::parse(text).map_err(|error| errors.push(chunk.fault(text, error.at, error.why))).ok()?;
    let names: Vec<&str> = facts.iter().map(String::as_str).collect();
    if let Some((why, at)) = parsed.unknown(&names, &[]) {
        errors.push(chunk.fault(text, at, why));
    }
    Some(parsed)
}

/// The facts that conditions of clauses may use, for a function with these operands or parameters.
fn facts_of(operands: &[Operand], parameters: &[Parameter]) -> Vec<String> {
    if operands.is_empty() { facts(parameters) } else { operand_facts(operands) }
}

/// The clauses of an entry. Their conditions may use these facts.
fn clauses(raw: Vec<RawClause>, facts: &[String], chunk: &Chunk<'_>, errors: &mut Vec<SpecError>) -> Vec<ClauseEntry> {
    let clauses: Vec<ClauseEntry> = raw.into_iter().map(|clause| clause.build(facts, chunk, errors)).collect();
    for clause in clauses.iter().filter(|clause| clause.tests.is_empty() == clause.untestable.is_none()) {
        let why = format!("`{}` needs either `tests` or `untestable`", clause.slug);
        errors.push(chunk.fault(&format!("slug: {},", clause.slug), 0, why));
    }
    clauses
}

impl Builder<'_> {
    /// The parameters of a function that is not element-wise, in the order of the file.
    fn parameters(&mut self, raw: serde_yaml::Mapping) -> Vec<Parameter> {
        let mut out: Vec<Parameter> = Vec::new();
        for (name, value) in raw {
            let Some(name) = name.as_str().map(str::to_owned) else { continue };
            let needle = format!("{name}:");
            if !self.names.contains(&name) {
                self.fault(&needle, format!("`{name}` is no parameter of the signature"));
            }
            match RawParameter::take(value) {
                Ok((raw, domain)) => {
                    for other in domain.related().filter(|other| !out.iter().any(|p| p.name == *other)) {
                        self.errors.push(self.chunk.fault(
                            &needle,
                            0,
                            format!("`{other}` has to stand before `{name}`, which refers to it"),
                        ));
                    }
                    let dtypes = raw.dtypes.map(|category| self.category(&category)).unwrap_or_default();
                    let mut added = BTreeMap::new();
                    for (revision, category) in &raw.added {
                        added.extend(self.category(category).iter().map(|d| (d, *revision)));
                    }
                    // Added dtypes are in the domain, whether or not `dtypes` names them again.
                    let dtypes = dtypes.iter().chain(added.keys().copied()).collect();
                    out.push(Parameter { name, domain, dtypes, since: raw.since, added });
                }
                Err(why) => self.fault(&needle, format!("`{name}`: {why}")),
            }
        }
        let missing: Vec<String> = self.names.iter().filter(|name| !out.iter().any(|p| p.name == **name)).cloned().collect();
        if !out.is_empty() {
            for name in missing {
                self.fault("parameters:", format!("the parameter `{name}` is missing"));
            }
        }
        out
    }

    /// The operands of an element-wise function, in the order of the signature.
    fn operands(&mut self, raw: &BTreeMap<String, RawOperand>) -> Vec<Operand> {
        let mut operands = Vec::new();
        for name in self.names.clone() {
            let Some(operand) = raw.get(&name) else { continue };
            let dtypes = self.category(&operand.dtypes);
            let mut added = BTreeMap::new();
            for (revision, category) in &operand.added {
                added.extend(self.category(category).iter().map(|d| (d, *revision)));
            }
            if let Some(other) = operand.same_as.as_ref().filter(|other| !raw.contains_key(*other)) {
                self.fault("same_as:", format!("`{other}` is no operand"));
            }
            let RawOperand { scalars, optional, same_as, .. } = operand;
            operands.push(Operand { name, dtypes, added, scalars: *scalars, optional: *optional, same_as: same_as.clone() });
        }
        operands
    }

    /// The hard inputs, each with one expression per operand.
    fn hard_cases(&mut self, raw: &[Vec<String>], operands: usize) -> Vec<Vec<Expr>> {
        let mut hard = Vec::new();
        for texts in raw {
            if texts.len() != operands {
                self.fault("hard:", format!("a hard case has {} values for {operands} operands", texts.len()));
            }
            hard.push(texts.iter().filter_map(|text| self.expr(text, &[], true)).collect());
        }
        hard
    }

    fn raise(&mut self, raw: RawRaise) -> Raise {
        let RawRaise { slug, level, invalid, argument, class, since, until } = raw;
        self.parameter(&argument);
        Raise { slug, invalid, argument, class, level: level.level(), since, until, doubt: level.doubt }
    }

    /// Reports an argument of an invalid call that is no parameter.
    fn parameter(&mut self, argument: &str) {
        if !self.names.iter().any(|name| name == argument) {
            self.fault(&format!("argument: {argument}"), format!("`{argument}` is no parameter of the signature"));
        }
    }

    fn accepted(&mut self, raw: &RawAccepted) -> Accepted {
        let beside = raw.beside.as_ref().map(|category| self.category(category)).unwrap_or_default();
        Accepted { dtypes: self.category(&raw.dtypes), beside, gives: raw.gives }
    }

    fn refusal(&mut self, raw: RawRefusal, facts: &[String]) -> Option<Refusal> {
        Some(Refusal { when: condition(&raw.when, facts, self.chunk, self.errors)?, says: raw.says })
    }

    fn aspect(&mut self, raw: RawAspect, facts: &[String]) -> Option<Aspect> {
        let when = condition(&raw.when, facts, self.chunk, self.errors)?;
        let RawAspect { entry, level, properties, elements, approximate, says, .. } = raw;
        let RawEntry { slug, since, until, source } = entry;
        Some(Aspect {
            slug,
            properties,
            when,
            elements,
            approximate,
            level: level.level(),
            since,
            until,
            doubt: level.doubt,
            says,
            source: source.into(),
        })
    }
}

/// The keys that every parameter may have besides those of its domain.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawParameter {
    dtypes: Option<String>,
    since: Option<Revision>,
    added: BTreeMap<Revision, String>,
}

impl RawParameter {
    fn take(value: serde_yaml::Value) -> Result<(RawParameter, Domain), String> {
        let serde_yaml::Value::Mapping(mut domain) = value else { return Err("expected a mapping with the key `is`".to_owned()) };
        let mut common = serde_yaml::Mapping::new();
        for key in ["dtypes", "since", "added"] {
            if let Some(value) = domain.remove(key) {
                common.insert(key.into(), value);
            }
        }
        let common = serde_yaml::from_value(common.into()).map_err(|e| e.to_string())?;
        let domain = serde_yaml::from_value(domain.into()).map_err(|e| e.to_string())?;
        Ok((common, domain))
    }
}

impl RawFunction {
    /// A function of another category under the path of this one. The entry has only clauses of its own.
    pub(super) fn build_alias(self, category: &str, spec: &Spec, chunk: &Chunk<'_>, errors: &mut Vec<SpecError>) -> Option<Function> {
        let alias = self.alias.clone().unwrap_or_default();
        let like = alias.split_once('/').and_then(|(category, name)| spec.function(category, name)).filter(|like| like.name == self.name);
        let Some(like) = like else {
            errors.push(chunk.fault("alias:", 0, format!("`{alias}` is no function of that name that stands before it")));
            return None;
        };
        let since = self.since(chunk, errors);
        let mut out = Function { category: category.to_owned(), since, until: self.until, ..like.clone() };
        out.clauses = clauses(self.clauses, &facts_of(&out.operands, &out.parameters), chunk, errors);
        // The sentences are those of the other entry.
        out.aspects.iter_mut().for_each(|aspect| aspect.source.clear());
        Some(out)
    }

    /// An operator of the array object, which calls the element-wise function `like` in another form.
    pub(super) fn build_operator(
        self,
        operator: Operator,
        category: &str,
        like: &Function,
        chunk: &Chunk<'_>,
        errors: &mut Vec<SpecError>,
    ) -> Function {
        let signature = SpecSignature { name: self.name.clone(), ..like.signature.clone() };
        let since = self.since(chunk, errors);
        let clauses = clauses(self.clauses, &facts_of(&like.operands, &[]), chunk, errors);
        if operator.complex_scalars.is_some() {
            let complex = like.operands.len() == 2 && like.operands.iter().all(|operand| operand.dtypes.contains(DType::Complex128));
            if operator.form == OperatorForm::InPlace || !complex {
                let why = format!("`{}` cannot give a complex result for a real array and a complex scalar", self.name);
                errors.push(chunk.fault("complex_scalars:", 0, why));
            }
        }
        // An in-place operator has the dtype of the array that it changes.
        let accepted = like.accepted.filter(|_| operator.form == OperatorForm::Forward);
        let mut out = Function {
            category: category.to_owned(),
            name: self.name,
            since,
            until: self.until,
            path: self.path,
            optional: self.optional,
            operator: Some(operator),
            signature,
            clauses,
            accepted,
            ..like.clone()
        };
        // An operator takes Python scalars from its first revision on.
        if out.operands.len() > 1 {
            out.operands.iter_mut().for_each(|operand| operand.scalars = Some(out.since));
        }
        out
    }

    /// The first revision that has the function.
    fn since(&self, chunk: &Chunk<'_>, errors: &mut Vec<SpecError>) -> Revision {
        self.since.unwrap_or_else(|| {
            errors.push(chunk.fault("name:", 0, format!("`{}` lacks `since`", self.name)));
            Revision::V2021_12
        })
    }

    /// Makes a gap.
    pub(super) fn build_gap(
        mut self,
        measures: &[Measure],
        dtypes: &Dtypes,
        chunk: &Chunk<'_>,
        errors: &mut Vec<SpecError>,
    ) -> Option<Gap> {
        // No revision has it, so its checks apply to all of them.
        if self.since.replace(Revision::V2021_12).is_some() {
            errors.push(chunk.fault("since:", 0, "a gap is in no revision: `entered` says where it came in".to_owned()));
        }
        if !self.clauses.is_empty() {
            errors.push(chunk.fault("clauses:", 0, "the standard says nothing of a gap".to_owned()));
        }
        let status = match (self.status.take(), self.entered.take()) {
            (Some(status), None) => status.into(),
            (None, Some(revision)) => Status::Entered(revision),
            _ => {
                errors.push(chunk.fault("name:", 0, format!("`{}` needs either `status` or `entered`", self.name)));
                Status::Open
            }
        };
        let says = self.says.take().unwrap_or_else(|| {
            errors.push(chunk.fault("name:", 0, format!("`{}` lacks `says`: what it gives, in a few words", self.name)));
            String::new()
        });
        let demand = std::mem::take(&mut self.demand);
        for name in demand.counts.keys().filter(|name| !measures.iter().any(|measure| measure.name == **name)) {
            errors.push(chunk.fault(&format!("{name}:"), 0, format!("unknown measure `{name}` of demand; gaps/demand.yaml lists them")));
        }
        let trackers = std::mem::take(&mut self.trackers);
        let (native, elsewhere, hazards) =
            (std::mem::take(&mut self.native), std::mem::take(&mut self.elsewhere), std::mem::take(&mut self.hazards));
        let polyfill = self.polyfill.take().map(|text| chunk.body("polyfill:", text));
        let untestable = self.untestable.clone();
        if untestable.is_some() && !(self.parameters.is_empty() && self.operands.is_empty()) {
            errors.push(chunk.fault("untestable:", 0, "what no program can judge has no parameters to draw".to_owned()));
        }
        let mut function = self.build_function(GAPS, dtypes, chunk, errors)?;
        function.page = Described::Tracker(trackers.first().map(Tracker::url).unwrap_or_default());
        Some(Gap { function, says, status, trackers, demand, native, elsewhere, hazards, polyfill, untestable })
    }

    /// Makes a function of the standard.
    pub(super) fn build(self, category: &str, dtypes: &Dtypes, chunk: &Chunk<'_>, errors: &mut Vec<SpecError>) -> Option<Function> {
        let of_gaps = [
            ("says:", self.says.is_some()),
            ("status:", self.status.is_some()),
            ("entered:", self.entered.is_some()),
            ("trackers:", !self.trackers.is_empty()),
            ("demand:", self.demand != Demand::default()),
            ("native:", !self.native.is_empty()),
            ("elsewhere:", !self.elsewhere.is_empty()),
            ("hazards:", !self.hazards.is_empty()),
            ("polyfill:", self.polyfill.is_some()),
            ("untestable:", self.untestable.is_some()),
        ];
        for (key, _) in of_gaps.iter().filter(|(_, given)| *given) {
            errors.push(chunk.fault(
                key,
                0,
                format!("`{key}` is a key of gaps alone; polyfills of the standard are in polyfills/standard.yaml"),
            ));
        }
        self.build_function(category, dtypes, chunk, errors)
    }

    fn build_function(self, category: &str, dtypes: &Dtypes, chunk: &Chunk<'_>, errors: &mut Vec<SpecError>) -> Option<Function> {
        let before = errors.len();
        let since = self.since(chunk, errors);
        let Some(result) = self.result else {
            errors.push(chunk.fault("name:", 0, format!("`{}` lacks `result`", self.name)));
            return None;
        };
        let signature = match SpecSignature::parse(&self.signature) {
            Ok(signature) => signature,
            Err(error) => {
                errors.push(chunk.fault("signature:", 0, error.to_string()));
                return None;
            }
        };
        let mut b = Builder { chunk, dtypes, errors, names: signature.parameters.iter().map(|p| p.name.clone()).collect() };
        if signature.name != self.name {
            b.fault("signature:", format!("the signature is that of `{}`, not of `{}`", signature.name, self.name));
        }
        for name in self.operands.keys().chain(self.safe.keys()) {
            if !b.names.contains(name) {
                b.fault(name, format!("`{name}` is no parameter of `{}`", self.signature));
            }
        }
        let operands = b.operands(&self.operands);
        let mut value = BTreeMap::new();
        for (category, class) in &self.value {
            value.extend(b.category(category).iter().map(|d| (d, *class)));
        }
        let parameters = b.parameters(self.parameters);
        let nothing_drawn = parameters.is_empty() && (b.names.is_empty() || self.untestable.is_some());
        if parameters.is_empty() == operands.is_empty() && !nothing_drawn {
            b.fault("signature:", format!("`{}` needs either `operands` (element-wise) or `parameters`", self.name));
        }
        let drawn = Drawn { category, signature: &signature, operands: &operands, parameters: &parameters };
        let result = result.build(&drawn, chunk, b.errors);
        let facts = facts(&parameters);
        let aspects = self.aspects.into_iter().filter_map(|raw| b.aspect(raw, &facts)).collect();
        let refusable = self.refusable.into_iter().filter_map(|raw| b.refusal(raw, &facts)).collect();
        let raises = self.raises.into_iter().map(|raw| b.raise(raw)).collect();
        for call in &self.open {
            b.parameter(&call.argument);
        }
        let accepted = self.accepted.as_ref().map(|raw| b.accepted(raw));
        let unspecified = self.unspecified.as_ref().and_then(|text| b.expr(text, &[], true));
        let hard = b.hard_cases(&self.hard, operands.len());
        let rules = b.rules(self.special, self.as_if, self.symmetries);
        let clauses = clauses(self.clauses, &facts_of(&operands, &parameters), chunk, b.errors);
        (errors.len() == before).then(|| Function {
            is_extension: false,
            category: category.to_owned(),
            name: self.name,
            since,
            until: self.until,
            path: self.path,
            page: Described::Standard(Page::unknown(String::new())),
            optional: self.optional,
            operator: None,
            signature,
            operands,
            parameters,
            aspects,
            refusable,
            accepted,
            raises,
            open: self.open,
            result,
            value,
            structure: self.structure,
            freedoms: self.freedoms,
            safe: self.safe,
            unspecified,
            hard,
            rules,
            clauses,
        })
    }
}
