//! Mutants: generic faults injected into the reference, derived from the spec, which the harness has to find.

mod calls;
mod elementwise;

use std::fmt;
use std::str::FromStr;

use array_assay_interface::DType;
use array_assay_spec::Function;

pub use elementwise::MutatedCall;

/// A fault in one function of the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    /// The function's category.
    pub category: String,
    /// Its name.
    pub function: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Fault {
    Hidden,
    RaisesOn(DType),
    RaisesOnZeroSize,
    WrongDtypeOn(DType),
    WrongValueOn(DType),
    ScalarChangesDtype,
    RankZeroGivesRankOne,
    ZeroSizeGivesRankOne,
    ArgumentsSwapped,
    ZeroSignLost,
    NanReplaced,
    SpecialCaseBroken(String),
    OneUlpOff,
    RelativeErrorOf1e5,
    IntegersThroughFloat64,
    LastElementSkipped,
    BroadcastRotated(usize),
    InputOverwritten,
    StridedWrong,
    WrongAbove16Elements,
    /// An argument is ignored: its default is taken.
    Ignores(String),
    /// Negative numbers of an argument are taken for positive ones.
    SignLost(String),
    /// A tuple is taken backwards.
    Reverses(String),
    /// A number is taken for the next one.
    OffByOne(String),
    /// The arrays of a sequence are taken backwards.
    SequenceReversed,
    /// One of several results is wrong.
    WrongPart(usize),
    /// The fields of a named tuple have other names.
    FieldsRenamed,
    /// Equal elements do not keep their order in arrays of more than 16 elements.
    UnstableAbove16,
    /// The result is on another device.
    WrongDevice,
    /// The last digits of a number are wrong.
    LastDigitsWrong,
    /// The result shares memory with the input though it is to be a copy.
    AliasInsteadOfCopy,
    /// The result is a copy though it is to share memory.
    CopyInsteadOfAlias,
    /// What has to raise returns.
    NeverRaises,
    /// Wrong where an argument comes out of a call on the result of another one.
    WrongBehindCalls,
}

/// Where the arrays of a call come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// Some of them do not lie contiguous.
    pub strided: bool,
    /// How many calls, one on the result of another, some of them comes from.
    pub calls: usize,
}

/// The names of the faults that take no argument.
const PLAIN: [(Fault, &str); 24] = [
    (Fault::Hidden, "hidden"),
    (Fault::RaisesOnZeroSize, "raises-on-zero-size"),
    (Fault::ScalarChangesDtype, "scalar-changes-dtype"),
    (Fault::RankZeroGivesRankOne, "rank-0-gives-rank-1"),
    (Fault::ZeroSizeGivesRankOne, "zero-size-gives-rank-1"),
    (Fault::ArgumentsSwapped, "arguments-swapped"),
    (Fault::ZeroSignLost, "zero-sign-lost"),
    (Fault::NanReplaced, "nan-replaced"),
    (Fault::OneUlpOff, "one-ulp-off"),
    (Fault::RelativeErrorOf1e5, "relative-error-1e-5"),
    (Fault::IntegersThroughFloat64, "integers-through-float64"),
    (Fault::LastElementSkipped, "last-element-skipped"),
    (Fault::InputOverwritten, "input-overwritten"),
    (Fault::StridedWrong, "strided-wrong"),
    (Fault::WrongAbove16Elements, "wrong-above-16-elements"),
    (Fault::SequenceReversed, "sequence-reversed"),
    (Fault::FieldsRenamed, "fields-renamed"),
    (Fault::UnstableAbove16, "unstable-above-16"),
    (Fault::WrongDevice, "wrong-device"),
    (Fault::LastDigitsWrong, "last-digits-wrong"),
    (Fault::AliasInsteadOfCopy, "alias-instead-of-copy"),
    (Fault::CopyInsteadOfAlias, "copy-instead-of-alias"),
    (Fault::NeverRaises, "never-raises"),
    (Fault::WrongBehindCalls, "wrong-behind-calls"),
];

impl Fault {
    /// Name and argument of a fault that has one.
    fn parts(&self) -> Option<(&'static str, String)> {
        Some(match self {
            Fault::RaisesOn(d) => ("raises-on", d.to_string()),
            Fault::WrongDtypeOn(d) => ("wrong-dtype-on", d.to_string()),
            Fault::WrongValueOn(d) => ("wrong-value-on", d.to_string()),
            Fault::SpecialCaseBroken(slug) => ("special-case-broken", slug.clone()),
            Fault::BroadcastRotated(operand) => ("broadcast-rotated", operand.to_string()),
            Fault::Ignores(name) => ("ignores", name.clone()),
            Fault::SignLost(name) => ("sign-lost", name.clone()),
            Fault::Reverses(name) => ("reverses", name.clone()),
            Fault::OffByOne(name) => ("off-by-one", name.clone()),
            Fault::WrongPart(part) => ("wrong-part", part.to_string()),
            _ => return None,
        })
    }

    /// The fault of a name and an argument.
    fn with(name: &str, argument: &str) -> Option<Fault> {
        let (text, dtype) = (argument.to_owned(), argument.parse::<DType>().ok());
        Some(match name {
            "raises-on" => Fault::RaisesOn(dtype?),
            "wrong-dtype-on" => Fault::WrongDtypeOn(dtype?),
            "wrong-value-on" => Fault::WrongValueOn(dtype?),
            "special-case-broken" => Fault::SpecialCaseBroken(text),
            "broadcast-rotated" => Fault::BroadcastRotated(argument.parse().ok()?),
            "ignores" => Fault::Ignores(text),
            "sign-lost" => Fault::SignLost(text),
            "reverses" => Fault::Reverses(text),
            "off-by-one" => Fault::OffByOne(text),
            "wrong-part" => Fault::WrongPart(argument.parse().ok()?),
            _ => return None,
        })
    }
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:", self.category, self.function)?;
        match self.fault.parts() {
            Some((name, argument)) => write!(f, "{name}={argument}"),
            None => f.write_str(PLAIN.iter().find(|(fault, _)| *fault == self.fault).map_or("", |(_, name)| name)),
        }
    }
}

/// A text that names no mutant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the mutant `{0}`: expected category/function:fault[=argument]")]
pub struct UnknownMutant(pub String);

impl FromStr for Mutation {
    type Err = UnknownMutant;

    fn from_str(text: &str) -> Result<Self, UnknownMutant> {
        let unknown = || UnknownMutant(text.to_owned());
        let (place, fault) = text.split_once(':').ok_or_else(unknown)?;
        let (category, function) = place.split_once('/').ok_or_else(unknown)?;
        let fault = match fault.split_once('=') {
            Some((name, argument)) => Fault::with(name, argument),
            None => PLAIN.iter().find(|(_, name)| *name == fault).map(|(f, _)| f.clone()),
        };
        Ok(Mutation { category: category.to_owned(), function: function.to_owned(), fault: fault.ok_or_else(unknown)? })
    }
}

impl Mutation {
    /// Whether the function is not there at all.
    pub fn hides(&self, function: &Function) -> bool {
        self.fault == Fault::Hidden && self.is_of(function)
    }

    /// Whether it is a fault of this function.
    pub fn is_of(&self, function: &Function) -> bool {
        self.function == function.name && self.category == function.category
    }

    /// Whether it writes into its inputs.
    pub fn writes_input(&self) -> bool {
        self.fault == Fault::InputOverwritten
    }
}

/// The mutants of a function: those faults that change what it gives.
pub fn mutants(function: &Function) -> Vec<Mutation> {
    let faults = if function.is_elementwise() { elementwise::faults(function) } else { calls::faults(function) };
    faults.into_iter().map(|fault| Mutation { category: function.category.clone(), function: function.name.clone(), fault }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use array_assay_spec::Spec;

    #[test]
    fn names_round_trip() {
        let spec = Spec::embedded();
        for function in spec.with_gaps() {
            for mutant in mutants(function) {
                assert_eq!(mutant.to_string().parse::<Mutation>().unwrap(), mutant);
            }
        }
    }

    #[test]
    fn equivalent_faults_are_left_out() {
        let spec = Spec::embedded();
        let faults =
            |name: &str| -> Vec<Fault> { mutants(spec.function("elementwise", name).unwrap()).into_iter().map(|m| m.fault).collect() };
        assert!(!faults("add").contains(&Fault::ArgumentsSwapped));
        assert!(faults("subtract").contains(&Fault::ArgumentsSwapped));
        assert!(!faults("exp").contains(&Fault::IntegersThroughFloat64));
    }
}
