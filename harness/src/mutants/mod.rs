//! Mutants: the reference with one injected fault that the harness has to find. The faults are generic and derived from the spec.

mod broken;
mod calls;
mod cannot_show;
mod clauses;
mod elementwise;
mod fft;
mod linalg;
mod signature;
mod values;

use std::fmt;
use std::str::FromStr;

use array_assay_format::Property;
use array_assay_interface::DType;
use array_assay_spec::Function;

pub use broken::Broken;
pub use cannot_show::{BadReasons, Reasons};
pub use clauses::{ClauseFaults, Targeted, clause_faults};
pub use elementwise::MutatedCall;
pub use signature::shown_signature;

/// A fault in one function of the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    /// The function's category.
    pub category: String,
    /// The function's name.
    pub function: String,
    /// The fault.
    pub fault: Fault,
}

/// A fault of a function.
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
    /// The arrays among the arguments are overwritten.
    InputOverwritten,
    /// The arrays of this dtype among the arguments are overwritten.
    InputOverwrittenOn(DType),
    StridedWrong,
    WrongAbove16Elements,
    /// An argument is ignored, and its default is used.
    Ignores(String),
    /// Negative numbers of an argument become positive ones.
    SignLost(String),
    /// The items of a tuple argument are reversed.
    Reverses(String),
    /// A number argument is one too great.
    OffByOne(String),
    /// The arrays of a sequence are reversed.
    SequenceReversed,
    /// One of several results is wrong.
    WrongPart(usize),
    /// The fields of a named tuple have other names.
    FieldsRenamed,
    /// Equal elements do not keep their order in arrays of more than 16 elements.
    UnstableAbove16,
    /// The result says that it is on another device, if the first array has this dtype.
    WrongDeviceOn(DType),
    /// A parameter is missing.
    ParameterMissing(String),
    /// A parameter has no default, although the standard has one.
    NoDefault(String),
    /// A parameter cannot be passed by name.
    NameRefused(String),
    /// A parameter cannot be passed by position.
    PositionRefused(String),
    /// A parameter has another default.
    OtherDefault(String),
    /// A property is broken, for the calls of one check or clause.
    Breaks(Broken),
    /// The last digits of a number are wrong.
    LastDigitsWrong,
    /// The result shares memory with the input although it should be a copy.
    AliasInsteadOfCopy,
    /// The result is a copy although it should share memory.
    CopyInsteadOfAlias,
    /// Calls that have to raise return.
    NeverRaises,
    /// Calls that have to raise raise another exception than the text names.
    RaisesAnother,
    /// The result is computed in single precision, but its dtype has double precision.
    SinglePrecision,
    /// Single precision is rounded to eleven bits, as some matrix units do.
    ElevenBits,
    /// One of several results has columns, or rows, that are not orthogonal.
    OrthogonalityLost(usize),
    /// Matrices with more than eight rows are wrong.
    WrongAboveSize8,
    /// The last matrix of a stack is wrong.
    LastOfStackWrong,
    /// Complex numbers of single precision are conjugated.
    ConjugatedInComplex64,
    /// The values of one of several results, or of the only one, are reversed.
    OrderReversed(usize),
    /// The fields of a named tuple are reversed.
    FieldsReversed,
    /// An argument is taken for the next choice of its domain.
    NextChoice(String),
    /// One of several values is replaced by another one.
    ValueRepeated,
    /// Elements that have to be zero are not.
    TriangleFilled,
    /// The result is wrong if an argument comes from a chain of at least two calls.
    WrongAfterCalls,
    /// The result is wrong if the same array is passed twice.
    WrongForOneObject,
    /// The exponent of a transform has the other sign, for arguments of this dtype.
    ExponentTurned(DType),
    /// The normalisation belongs to the other direction of the transform.
    NormTurned,
    /// A signal that is too long is trimmed in front.
    TrimmedInFront,
    /// A signal that is too short is padded in front.
    PaddedInFront,
    /// Half of a spectrum of odd length is treated as one of even length.
    OddTakenForEven,
    /// A shift by half of an odd length is rounded up.
    ShiftRoundedUp,
    /// The last of several transforms is wrong.
    LastTransformOff,
    /// One twiddle factor has only half of its digits.
    OneTwiddleOff,
}

/// Where the arrays of a call come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// Whether some of them are not contiguous.
    pub strided: bool,
    /// The length of the longest chain of calls that one of them comes from.
    pub calls: usize,
    /// Whether two of them are one object.
    pub one_object: bool,
}

/// The names of the faults that take no argument.
const PLAIN: [(Fault, &str); 40] = [
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
    (Fault::LastDigitsWrong, "last-digits-wrong"),
    (Fault::AliasInsteadOfCopy, "alias-instead-of-copy"),
    (Fault::CopyInsteadOfAlias, "copy-instead-of-alias"),
    (Fault::NeverRaises, "never-raises"),
    (Fault::RaisesAnother, "raises-another"),
    (Fault::WrongAfterCalls, "wrong-after-calls"),
    (Fault::WrongForOneObject, "wrong-for-one-object"),
    (Fault::SinglePrecision, "single-precision"),
    (Fault::ElevenBits, "eleven-bits"),
    (Fault::WrongAboveSize8, "wrong-above-size-8"),
    (Fault::LastOfStackWrong, "last-of-stack-wrong"),
    (Fault::ConjugatedInComplex64, "conjugated-in-complex64"),
    (Fault::FieldsReversed, "fields-reversed"),
    (Fault::ValueRepeated, "value-repeated"),
    (Fault::TriangleFilled, "triangle-filled"),
    (Fault::NormTurned, "norm-turned"),
    (Fault::TrimmedInFront, "trimmed-in-front"),
    (Fault::PaddedInFront, "padded-in-front"),
    (Fault::OddTakenForEven, "odd-taken-for-even"),
    (Fault::ShiftRoundedUp, "shift-rounded-up"),
    (Fault::LastTransformOff, "last-transform-off"),
    (Fault::OneTwiddleOff, "one-twiddle-off"),
];

impl Fault {
    /// The name and the argument of a fault. `None` if it has no argument.
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
            Fault::ExponentTurned(d) => ("exponent-turned", d.to_string()),
            Fault::OrthogonalityLost(part) => ("orthogonality-lost", part.to_string()),
            Fault::OrderReversed(part) => ("order-reversed", part.to_string()),
            Fault::NextChoice(name) => ("next-choice", name.clone()),
            Fault::InputOverwrittenOn(d) => ("input-overwritten", d.to_string()),
            Fault::WrongDeviceOn(d) => ("wrong-device-on", d.to_string()),
            Fault::ParameterMissing(name) => ("parameter-missing", name.clone()),
            Fault::NoDefault(name) => ("no-default", name.clone()),
            Fault::NameRefused(name) => ("name-refused", name.clone()),
            Fault::PositionRefused(name) => ("position-refused", name.clone()),
            Fault::OtherDefault(name) => ("other-default", name.clone()),
            Fault::Breaks(broken) => ("breaks", broken.to_string()),
            _ => return None,
        })
    }

    /// The fault with a name and an argument.
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
            "exponent-turned" => Fault::ExponentTurned(dtype?),
            "orthogonality-lost" => Fault::OrthogonalityLost(argument.parse().ok()?),
            "order-reversed" => Fault::OrderReversed(argument.parse().ok()?),
            "next-choice" => Fault::NextChoice(text),
            "input-overwritten" => Fault::InputOverwrittenOn(dtype?),
            "wrong-device-on" => Fault::WrongDeviceOn(dtype?),
            "parameter-missing" => Fault::ParameterMissing(text),
            "no-default" => Fault::NoDefault(text),
            "name-refused" => Fault::NameRefused(text),
            "position-refused" => Fault::PositionRefused(text),
            "other-default" => Fault::OtherDefault(text),
            "breaks" => Fault::Breaks(argument.parse().ok()?),
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
    /// Whether the mutation hides the function.
    pub fn hides(&self, function: &Function) -> bool {
        self.fault == Fault::Hidden && self.is_of(function)
    }

    /// Whether the mutation is one of this function.
    pub fn is_of(&self, function: &Function) -> bool {
        self.function == function.name && self.category == function.category
    }

    /// Whether the mutant writes to its inputs of this dtype.
    pub fn writes_input(&self, dtype: DType) -> bool {
        match &self.fault {
            Fault::InputOverwritten => true,
            Fault::InputOverwrittenOn(of) => *of == dtype,
            Fault::Breaks(broken) => broken.property == Property::Pure,
            _ => false,
        }
    }
}

/// The mutants of a function. [`Reasons`] says which of them cannot show.
pub fn mutants(function: &Function) -> Vec<Mutation> {
    let faults = if function.is_elementwise() { elementwise::faults(function) } else { calls::faults(function) };
    faults.into_iter().chain(signature::faults(function)).map(|fault| Mutation::new(function, fault)).collect()
}

impl Mutation {
    /// A fault of a function.
    pub fn new(function: &Function, fault: Fault) -> Mutation {
        Mutation { category: function.category.clone(), function: function.name.clone(), fault }
    }
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
    fn faults_that_a_function_cannot_have_are_not_made() {
        let spec = Spec::embedded();
        let faults =
            |name: &str| -> Vec<Fault> { mutants(spec.function("elementwise", name).unwrap()).into_iter().map(|m| m.fault).collect() };
        assert!(faults("add").contains(&Fault::ArgumentsSwapped));
        assert!(!faults("abs").contains(&Fault::ArgumentsSwapped));
        assert!(!faults("exp").contains(&Fault::IntegersThroughFloat64));
        assert!(!faults("isnan").contains(&Fault::NanReplaced));
        assert!(faults("abs").contains(&Fault::InputOverwrittenOn(DType::Int64)));
    }
}
