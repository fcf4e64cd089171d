//! Derives the checks of a function from its entry in the spec.

use array_assay_format::{CheckId, ClauseRef, Level, Property, Revision};
use array_assay_interface::DType;

use crate::large::has_large_calls;
use crate::{Domain, DtypeRule, DtypeSet, Function, Gives, OperatorForm, ResultArray, Results, Rule, Several, Spec, ValueClass};

/// Slug of the checks whose calls use Python scalars.
pub const SCALAR: &str = "scalar";

/// Slug of the checks whose calls use a Python complex together with a real floating-point array.
pub const COMPLEX_SCALAR: &str = "complex-scalar";

/// Slug of the check that a sequence of results is a tuple.
pub const TUPLE: &str = "tuple";

/// Slug of the check of real results against the accuracy profile.
pub const ACCURACY: &str = "accuracy";

/// Slug of the check of complex results against the accuracy profile.
pub const COMPLEX_ACCURACY: &str = "complex-accuracy";

/// Slug of the check of approximations in a function that is exact on other dtypes. [`SCALAR`] may follow it.
pub const APPROXIMATE: &str = "approximate";

/// Slug of the same check with Python scalars.
pub const APPROXIMATE_SCALAR: &str = "approximate-scalar";

/// Slug of the check of what the text demands of a result whose accuracy it leaves open, such as a triangle or an order.
pub const STRUCTURE: &str = "structure";

/// Slug of the check that an operator keeps the special cases of its function, if its value is an approximation.
pub const CASES: &str = "cases";

/// Slug of the check of operands outside the domain, which a library may accept or refuse.
pub const ACCEPTED: &str = "accepted";

/// Slug of the check that a call whose result the text leaves open does no harm.
pub const OPEN: &str = "open";

/// Slug of the check of a call on many elements, whose result is known without an oracle.
pub const LARGE: &str = "large";

/// A check before it has run.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckDefinition {
    /// The id.
    pub id: CheckId,
    /// The level of the clause.
    pub level: Level,
    /// The level at which the gate counts the check, if that is not its own level. The standard requires no accuracy of such a value, but a
    /// gate must not pass a value half of whose digits are wrong.
    pub gated_at: Option<Level>,
    /// The first revision that has the check.
    pub since: Revision,
    /// The last revision that has it, if it ended.
    pub until: Option<Revision>,
    /// What the standard says, in our notation.
    pub clause: ClauseRef,
    /// Why the text is doubtful.
    pub doubt: Option<String>,
}

impl Function {
    /// The checks of the function, in the order of the report.
    pub fn checks(&self) -> Vec<CheckDefinition> {
        let mut out = if self.is_elementwise() { self.elementwise_checks() } else { self.call_checks() };
        if let Some(accepted) = &self.accepted {
            let property = if accepted.gives == Gives::AsBooleans { Property::Value } else { Property::Dtype };
            let says = accepted.gives.says().to_owned();
            let check = self.plain_check(property, Some(ACCEPTED), self.since, self.until, says);
            out.push(CheckDefinition { level: Level::Must, ..check });
        }
        if self.has_open_calls() {
            let says = "a call whose result the text leaves open may give anything or raise, but it does not end or block the process";
            let check = self.plain_check(Property::Call, Some(OPEN), self.since, self.until, says.to_owned());
            out.push(CheckDefinition { level: Level::Quality, ..check });
        }
        if has_large_calls(&self.category, &self.name) {
            let says = "a call on many elements gives the right result, too".to_owned();
            let check = self.plain_check(Property::Value, Some(LARGE), self.since, self.until, says);
            out.push(CheckDefinition { level: Level::Quality, ..check });
        }
        if self.is_untestable() {
            out.retain(|check| check.id.property == Property::Present);
        }
        if self.is_gap() || self.optional {
            // The standard demands nothing of a gap.
            out.iter_mut().for_each(|check| check.level = Level::Quality);
        }
        out
    }

    /// Whether the text leaves the result of some calls open, so that they show whether they do harm.
    fn has_open_calls(&self) -> bool {
        let is_called = self.operator.as_ref().is_none_or(|operator| operator.form == OperatorForm::Forward);
        !self.open.is_empty() || !self.safe.is_empty() && is_called
    }

    fn plain_check(
        &self,
        property: Property,
        slug: Option<&str>,
        since: Revision,
        until: Option<Revision>,
        says: String,
    ) -> CheckDefinition {
        let (id, level) = (self.check_id(property, slug), self.level_of(property));
        CheckDefinition { id, level, gated_at: None, since, until, clause: self.clause(says, since, until), doubt: None }
    }

    /// Whether the value is an approximation on every dtype of its domain.
    pub fn is_wholly_approximate(&self) -> bool {
        let domain: Vec<DtypeSet> = match self.is_elementwise() {
            true => self.operands.iter().map(|o| o.dtypes).collect(),
            false => {
                let arrays = self.parameters.iter().filter(|p| p.domain.is_array());
                let dtypes = self.parameters.iter().filter(|p| matches!(p.domain, Domain::Dtype { .. }));
                arrays.chain(dtypes).take(1).map(|p| p.dtypes).collect()
            }
        };
        self.approximates() && domain.iter().flat_map(|set| set.iter()).all(|d| self.value_class(d) == ValueClass::Approximate)
    }

    /// Whether the value is an approximation on some dtype.
    pub fn approximates(&self) -> bool {
        self.value.values().any(|class| *class == ValueClass::Approximate)
    }

    /// Whether some values are approximations and others are not, so that the approximations get a check of their own. A gap does not need
    /// that, because the standard demands nothing of it.
    pub fn is_partly_approximate(&self) -> bool {
        !self.is_gap() && self.approximates() && !self.is_wholly_approximate()
    }

    /// The check of values without required accuracy.
    fn without_required_accuracy(&self, check: CheckDefinition) -> CheckDefinition {
        CheckDefinition { level: check.level.max(Level::Should), gated_at: Some(Level::Must), ..check }
    }

    /// The checks of a function that is not element-wise: one for each property, and one for each aspect that is split from it.
    fn call_checks(&self) -> Vec<CheckDefinition> {
        let plain = |property, says| self.plain_check(property, None, self.since, self.until, says);
        let mut out = vec![
            plain(Property::Present, format!("the library has `{}`", self.path())),
            plain(Property::Signature, format!("it can be called as `{}`", self.signature)),
        ];
        // If earlier revisions had another rule, the present rule begins after them.
        let (mut ruled_since, earlier) = (self.since, &self.result.earlier);
        for (until, rule) in earlier {
            let slug = earlier_slug(*until);
            let says = rule.says().to_owned();
            out.push(self.plain_check(Property::Dtype, Some(&slug), ruled_since, Some(*until), says));
            ruled_since = until.next().unwrap_or(ruled_since);
        }
        for property in self.judged() {
            let since = if property == Property::Dtype { ruled_since } else { self.since };
            out.push(self.of_value(self.plain_check(property, None, since, self.until, self.says(property))));
        }
        if self.is_partly_approximate() {
            let check = self.plain_check(Property::Value, Some(APPROXIMATE), self.since, self.until, APPROXIMATELY.to_owned());
            out.push(self.without_required_accuracy(check));
        }
        if let Some(says) = &self.structure {
            out.push(self.plain_check(Property::Value, Some(STRUCTURE), self.since, self.until, says.clone()));
        }
        if self.returns_one_array() {
            out.push(plain(Property::Device, "the result is on the device asked for, or on that of the input".to_owned()));
        }
        if self.parameters.iter().any(|p| p.domain.is_array()) {
            out.push(plain(Property::Pure, "the inputs are the same after the call".to_owned()));
        }
        if self.approximates() {
            let says = "the error stays within the bound that every order of evaluation keeps".to_owned();
            let check = self.plain_check(Property::Value, Some(ACCURACY), self.since, self.until, says);
            out.push(CheckDefinition { level: Level::Should, ..check });
        }
        if let Some(since) = self.result.tuple {
            let says = "the results come as a tuple".to_owned();
            out.push(self.plain_check(Property::Type, Some(TUPLE), since, self.until, says));
        }
        if self.copies() {
            let since = self.parameters.iter().find_map(|p| p.since.filter(|_| matches!(p.domain, Domain::Copy {}))).unwrap_or(self.since);
            let says = "a copy shares no memory with its input, and what must not copy shares it or raises".to_owned();
            out.push(self.plain_check(Property::Copy, None, since, self.until, says));
        }
        out.extend(self.later_parameter_checks(ruled_since));
        out.extend(self.aspect_checks());
        out.extend(self.raise_checks());
        out
    }

    /// The checks of parameters that came later than the function: one for each property. `ruled_since` is the revision since which the present
    /// rule for the dtype holds.
    fn later_parameter_checks(&self, ruled_since: Revision) -> Vec<CheckDefinition> {
        let mut out = Vec::new();
        for parameter in &self.parameters {
            let Some(since) = parameter.since else { continue };
            for property in self.judged() {
                let says = format!("{}, with the argument `{}`", self.says(property), parameter.name);
                // Without the argument, the rule in force gives the dtype.
                let since = if property == Property::Dtype { since.max(ruled_since) } else { since };
                out.push(self.of_value(self.plain_check(property, Some(&parameter.name), since, self.until, says)));
            }
        }
        out
    }

    /// The checks of aspects, which are split from the check of their property.
    fn aspect_checks(&self) -> Vec<CheckDefinition> {
        let mut out = Vec::new();
        for aspect in &self.aspects {
            for property in &aspect.properties {
                let (since, until) = (aspect.since.unwrap_or(self.since), aspect.until.or(self.until));
                let check = CheckDefinition {
                    id: self.check_id(*property, Some(&aspect.slug)),
                    level: aspect.level,
                    gated_at: None,
                    since,
                    until,
                    clause: self.clause(aspect.says.clone(), since, until),
                    doubt: aspect.doubt.clone(),
                };
                // If the text only recommends an aspect, the gate counts it at the aspect's own level.
                let approximate = *property == Property::Value && (aspect.approximate || self.is_wholly_approximate());
                out.push(if approximate && aspect.level == Level::Must { self.without_required_accuracy(check) } else { check });
            }
        }
        out
    }

    /// The checks of calls that have to raise.
    fn raise_checks(&self) -> Vec<CheckDefinition> {
        let mut out = Vec::new();
        for raise in &self.raises {
            let (since, until) = (raise.since.unwrap_or(self.since), raise.until.or(self.until));
            let says = |what: &str| format!("a call raises{what} where `{}` {}", raise.argument, raise.invalid.says());
            let check = |slug: &str, level: Level, what: &str| CheckDefinition {
                id: self.check_id(Property::Raises, Some(slug)),
                level,
                gated_at: None,
                since,
                until,
                clause: self.clause(says(what), since, until),
                doubt: raise.doubt.clone(),
            };
            out.push(check(&raise.slug, raise.level, ""));
            if let Some(class) = &raise.class {
                out.push(check(&raise.class_slug(), raise.level.max(Level::Should), &format!(" {class}")));
            }
        }
        out
    }

    /// Whether the rule for the result's dtype says that the result is one array.
    pub fn returns_one_array(&self) -> bool {
        !matches!(self.result.dtype, DtypeRule::Stated | DtypeRule::None)
    }

    /// The properties that every outcome of the function is judged for.
    fn judged(&self) -> impl Iterator<Item = Property> {
        let arrays = self.result.dtype != DtypeRule::None;
        JUDGED.into_iter().filter(move |property| arrays || !matches!(property, Property::Dtype | Property::Shape))
    }

    fn elementwise_checks(&self) -> Vec<CheckDefinition> {
        let definition = |property: Property, slug: Option<&str>, level: Level, since: Revision, says: String| CheckDefinition {
            id: self.check_id(property, slug),
            level,
            gated_at: None,
            since,
            until: self.until,
            clause: self.clause(says, since, self.until),
            doubt: None,
        };
        let plain = |property: Property, says: String| definition(property, None, self.level_of(property), self.since, says);
        let mut out = vec![
            plain(Property::Present, format!("the library has `{}`", self.path())),
            plain(Property::Signature, format!("it can be called as `{}`", self.signature)),
        ];
        for property in JUDGED {
            out.push(self.of_value(plain(property, self.says(property))));
        }
        if self.is_partly_approximate() {
            let check = definition(Property::Value, Some(APPROXIMATE), Level::Must, self.approximate_since(), APPROXIMATELY.to_owned());
            out.push(self.without_required_accuracy(check));
        }
        if let Some(operator) = self.operator.as_ref().filter(|_| self.approximates() && self.has_binding_rules()) {
            let says = format!("the special cases of `{}` hold", operator.semantics);
            out.push(definition(Property::Value, Some(CASES), Level::Must, self.approximate_since(), says));
        }
        out.push(plain(Property::Pure, "the inputs are the same after the call".to_owned()));
        if let Some(since) = self.scalars_since() {
            for property in JUDGED {
                let says = format!("{}, with a Python scalar in place of one array", self.says(property));
                out.push(self.of_value(definition(property, Some(SCALAR), self.level_of(property), since, says)));
            }
            if self.is_partly_approximate() {
                let says = format!("{APPROXIMATELY}, with a Python scalar in place of one array");
                let since = since.max(self.approximate_since());
                let check = definition(Property::Value, Some(APPROXIMATE_SCALAR), Level::Must, since, says);
                out.push(self.without_required_accuracy(check));
            }
        }
        if let Some(since) = self.complex_scalars_since() {
            for property in JUDGED {
                let says = format!("{}, with a Python complex beside a real floating-point array", self.says(property));
                let check = definition(property, Some(COMPLEX_SCALAR), self.level_of(property), since.max(self.since), says);
                let approximate = property == Property::Value && self.value_class(DType::Complex128) == ValueClass::Approximate;
                out.push(if approximate { self.without_required_accuracy(check) } else { check });
            }
        }
        let approximates =
            |complex: bool| self.value.iter().any(|(dtype, class)| *class == ValueClass::Approximate && dtype.is_complex() == complex);
        if approximates(false) {
            let says = "the error stays within the accuracy profile, in ULP".to_owned();
            out.push(definition(Property::Value, Some(ACCURACY), Level::Should, self.since, says));
        }
        if approximates(true) {
            // The standard demands no accuracy of complex results.
            let says = "the normwise error of complex results stays within the accuracy profile, in units of eps".to_owned();
            out.push(definition(Property::Value, Some(COMPLEX_ACCURACY), Level::Quality, self.since.max(Revision::V2022_12), says));
        }
        // The special cases of an operator are those of its function, and count for the operator's value.
        if self.operator.is_none() {
            out.extend(self.rules.iter().map(|rule| self.special_check(rule)));
        }
        out
    }

    /// Makes a check. A check of values without required accuracy is counted by the gate at `must`.
    fn of_value(&self, check: CheckDefinition) -> CheckDefinition {
        let approximate = check.id.property == Property::Value && self.is_wholly_approximate();
        if approximate { self.without_required_accuracy(check) } else { check }
    }

    /// The first revision in which operands on which the value is an approximation are in the domain.
    fn approximate_since(&self) -> Revision {
        let approximate = self.value.iter().filter(|(_, class)| **class == ValueClass::Approximate);
        self.first_with(approximate.map(|(dtype, _)| *dtype).collect())
    }

    /// Whether some special case is demanded by the text and stated without doubt.
    pub fn has_binding_rules(&self) -> bool {
        self.rules.iter().any(|rule| rule.level == Level::Must && rule.doubt.is_none())
    }

    fn special_check(&self, rule: &Rule) -> CheckDefinition {
        // A special case of dtypes that came later counts from that revision on.
        let since = rule.since.unwrap_or(self.since).max(self.first_with(rule.dtypes));
        let until = rule.until.or(self.until);
        CheckDefinition {
            id: self.check_id(Property::Special, Some(&rule.slug)),
            level: rule.level,
            gated_at: None,
            since,
            until,
            clause: self.clause(rule.says(), since, until),
            doubt: rule.doubt.clone(),
        }
    }

    /// The first revision in which some of the dtypes are in the domain of every operand.
    fn first_with(&self, dtypes: DtypeSet) -> Revision {
        let in_domain = dtypes.iter().filter(|d| self.operands.iter().all(|o| o.dtypes.contains(*d)));
        let since = |d| self.operands.iter().filter_map(|o| o.added.get(&d).copied()).max().unwrap_or(self.since);
        in_domain.map(since).min().unwrap_or(self.since)
    }

    fn level_of(&self, property: Property) -> Level {
        match property {
            Property::Dtype => self.result.dtype_level,
            // No function of an extension may be lacking if the library has the extension. That is only recommended.
            Property::Present if self.extension().is_some() => Level::Should,
            // The standard does not mention side effects on the inputs of functions that do not mutate, but nobody would accept one.
            _ => Level::Must,
        }
    }

    /// What the check of a property says of this function.
    pub fn says(&self, property: Property) -> String {
        match property {
            Property::Call => "every legal call returns".to_owned(),
            Property::Type if self.is_elementwise() || self.returns_one_array() => "the result is an array".to_owned(),
            Property::Type => "the result has the type that the text states".to_owned(),
            Property::Dtype => self.result.dtype.says().to_owned(),
            Property::Shape => self.result.arrays.as_ref().map_or_else(|| SHAPE_STATED.to_owned(), Results::shape_says),
            Property::Value if self.is_wholly_approximate() => APPROXIMATELY.to_owned(),
            Property::Value if !self.is_elementwise() => "the result is what the text says".to_owned(),
            Property::Value => {
                let exact = |class: &ValueClass| *class != ValueClass::Approximate;
                let classes: std::collections::BTreeSet<ValueClass> = self.value.values().copied().filter(exact).collect();
                let words: Vec<&str> = classes
                    .iter()
                    .map(|class| match class {
                        ValueClass::Exact => "exact",
                        ValueClass::Rounded => "correctly rounded",
                        ValueClass::Approximate => "an approximation",
                    })
                    .collect();
                format!("each element is {}", words.join(" or "))
            }
            other => other.word().to_owned(),
        }
    }
}

/// The slug of the check of a dtype rule that held until `revision`.
pub fn earlier_slug(revision: Revision) -> String {
    format!("until-{revision}")
}

/// What a check of a shape says where no rule does.
const SHAPE_STATED: &str = "the result has the shape that the text states";

impl Results {
    /// What the rules for shapes say, in our notation.
    fn shape_says(&self) -> String {
        let rule = |array: &ResultArray| format!("the shape `{}`", array.shape.text);
        match self {
            Results::One(array) => match array.shape.text.as_str() {
                "broadcast" => "the result has the broadcast shape of the operands".to_owned(),
                "same" => "the result has the operand's shape".to_owned(),
                _ => format!("the result has {}", rule(array)),
            },
            Results::Fields(fields) => {
                let each: Vec<String> = fields.iter().map(|(name, array)| format!("`{name}` has {}", rule(array))).collect();
                each.join(", ")
            }
            Results::Several(Several::Count(count), array) => format!("`{}` arrays have {}", count.text, rule(array)),
            Results::Several(Several::Each(of), array) => format!("an array for each of `{of}` has {}", rule(array)),
        }
    }
}

impl DtypeRule {
    /// What the rule says, in our notation.
    pub fn says(self) -> &'static str {
        match self {
            DtypeRule::Promote => "the result has the promoted dtype of the operands",
            DtypeRule::Same => "the result has the dtype of the first operand",
            DtypeRule::Boolean => "the result has dtype bool",
            DtypeRule::RealOf => "the result has the real dtype of the operand's precision",
            DtypeRule::ComplexOf => "the result has the complex dtype of the operand's precision",
            DtypeRule::GivenOrSame => "the result has the dtype asked for, or that of the first array",
            DtypeRule::GivenOrDefault => "the result has the dtype asked for, or the default real floating-point dtype",
            DtypeRule::GivenOrInferred => "the result has the dtype asked for, or the default dtype of the kind of its values",
            DtypeRule::GivenOrUpcast => {
                "the result has the dtype asked for, or that of the input, but for integers at least the default one of their kind"
            }
            DtypeRule::GivenOrUpcastFloating => {
                "the result has the dtype asked for, or that of the input, but at least the default one of its kind"
            }
            DtypeRule::Index => "the result has the default dtype of indices",
            DtypeRule::DefaultInteger => "the result has the default integer dtype",
            DtypeRule::Stated | DtypeRule::None => "the results have the dtypes that the text states",
        }
    }
}

/// What a check of approximations says.
const APPROXIMATELY: &str = "each element is an approximation with at least half of its digits right (the standard requires no accuracy)";

/// The properties that every outcome is judged for.
pub const JUDGED: [Property; 5] = [Property::Call, Property::Type, Property::Dtype, Property::Shape, Property::Value];

impl Spec {
    /// The checks of all functions.
    pub fn checks(&self) -> impl Iterator<Item = CheckDefinition> + '_ {
        self.functions.iter().flat_map(Function::checks)
    }

    /// The checks of all gaps.
    pub fn gap_checks(&self) -> impl Iterator<Item = CheckDefinition> + '_ {
        self.gaps.iter().flat_map(|gap| gap.function.checks())
    }
}
