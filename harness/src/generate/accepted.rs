//! Calls with operands of dtypes that a library may refuse, although the standard says what they return if it accepts them.

use array_assay_format::{FLOOR, Revision};
use array_assay_interface::{Array, DType, Element};
use array_assay_oracle::call::Given;
use array_assay_spec::{Accepted, Function, Gives, Spec};

use super::call::Call;
use super::combination::label;
use super::profile::BackendProfile;
use super::values::{Random, seed_for};

/// The dtypes of the operands of a call that a library may refuse.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceptedDtypes {
    /// The dtype of each operand. The operands may come in any order.
    pub dtypes: Vec<DType>,
    /// The label of the cell: the dtype, or both dtypes, joined by `+` in the standard's order.
    pub label: String,
    /// The first revision that has these dtypes.
    pub since: Revision,
}

/// The calls of one function on operands that a library may refuse.
pub struct AcceptedStream<'a> {
    /// The function.
    pub function: &'a Function,
    /// What the standard says of such operands.
    pub accepted: Accepted,
    /// The combinations of dtypes that calls are drawn from. Not empty.
    pub combinations: Vec<AcceptedDtypes>,
    /// The backend profile.
    pub profile: &'a BackendProfile,
    name: String,
    /// The names of the operands.
    operands: Vec<&'a str>,
}

/// The greatest rank of operands. Counterexamples of such calls are not simplified, so calls are small.
const RANK: usize = 2;

/// The greatest length of an axis.
const SIZE: usize = 6;

impl<'a> AcceptedStream<'a> {
    /// The stream of a function. `None` if the standard says nothing of such operands, or if the profile has none of the dtypes.
    pub fn new(spec: &'a Spec, function: &'a Function, profile: &'a BackendProfile) -> Option<AcceptedStream<'a>> {
        let accepted = function.accepted?;
        let of_calls = function.parameters.iter().filter(|p| p.domain.is_array()).map(|p| p.name.as_str());
        let operands: Vec<&str> = function.operands.iter().map(|operand| operand.name.as_str()).chain(of_calls).collect();
        let has = |d: &DType| profile.dtypes.contains(d) && !profile.unusable.contains_key(d);
        let own: Vec<DType> = accepted.dtypes.iter().filter(has).collect();
        let beside: Vec<DType> = accepted.beside.iter().filter(|d| has(d) && operands.len() == 2).collect();
        let uniform = own.iter().map(|d| vec![*d; operands.len()]);
        let mixed = own.iter().flat_map(|d| beside.iter().map(move |other| vec![*d, *other]));
        let combination = |dtypes: Vec<DType>| {
            let since = dtypes.iter().map(|d| spec.dtypes.since(*d)).fold(function.since, Ord::max);
            AcceptedDtypes { label: label(&dtypes), dtypes, since }
        };
        let combinations: Vec<AcceptedDtypes> = uniform.chain(mixed).map(combination).collect();
        let name = format!("{}/{}::accepted", function.category, function.name);
        (!combinations.is_empty()).then_some(AcceptedStream { function, accepted, combinations, profile, name, operands })
    }

    /// The number of cases if `asked` are asked for: [`FLOOR`] for each combination of dtypes, but no more than `asked`.
    pub fn cases(&self, asked: u32) -> u64 {
        (FLOOR * self.combinations.len() as u64).min(asked.into())
    }

    /// The index of the combination that a case draws from.
    pub fn combination_of(&self, index: u64) -> usize {
        (index % self.combinations.len() as u64) as usize
    }

    /// The call `index` under the run's seed.
    pub fn call(&self, seed: u64, index: u64) -> Call<'a> {
        let mut random = Random::new(seed_for(seed, &self.name, index));
        let mut dtypes = self.combinations[self.combination_of(index)].dtypes.clone();
        if random.below(2) == 0 {
            dtypes.reverse();
        }
        let shape = self.profile.declared_shape((0, RANK), SIZE, &mut random).unwrap_or_else(|| {
            let rank = random.below(RANK + 1);
            (0..rank).map(|_| 1 + random.below(3)).collect()
        });
        let arrays = dtypes.iter().map(|dtype| {
            let elements: Vec<Element> = (0..shape.iter().product()).map(|_| self.element(*dtype, &mut random)).collect();
            Array::from_elements(*dtype, shape.clone(), elements)
        });
        let arguments: Vec<(&str, Given)> = self.operands.iter().copied().zip(arrays.map(Given::Array)).collect();
        Call::positional(arguments)
    }

    /// An element that is clearly true or false. Not zero if the function may divide by it.
    fn element(&self, dtype: DType, random: &mut Random) -> Element {
        if self.accepted.gives != Gives::AsBooleans {
            return Element::Int(1 + random.below(100) as i128).cast(dtype);
        }
        let number = match random.below(8) {
            0..3 => 0.0,
            3 => 1.0,
            4 => 2.0,
            // The lowest byte of these numbers is zero in some dtypes.
            5 => 256.0,
            6 => 4_294_967_296.0,
            _ => 0.5,
        };
        let negative = random.below(3) == 0;
        match dtype.integer_range() {
            Some((low, high)) => {
                let number = if negative { -(number as i128) } else { number as i128 };
                Element::Int(if (low..=high).contains(&number) { number } else { i128::from(number != 0) })
            }
            None => Element::F64(if negative { -number } else { number }).cast(dtype),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dtype_is_drawn_in_both_places() {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        let divide = spec.function("elementwise", "divide").expect("it is in the spec");
        let stream = AcceptedStream::new(spec, divide, &profile).expect("it may accept integers");
        let mut orders = std::collections::BTreeSet::new();
        for index in 0..stream.cases(1000) {
            let call = stream.call(3, index);
            let dtypes: Vec<DType> = call.arrays().iter().map(|array| array.dtype).collect();
            assert!(dtypes.iter().any(|d| d.is_integer()) && dtypes.iter().all(|d| !d.is_complex()), "{dtypes:?}");
            assert!(call.arrays().iter().all(|array| array.elements().all(|e| e.components().0 != 0.0)), "a divisor may be zero");
            orders.insert(dtypes);
        }
        assert!(orders.contains(&vec![DType::Int8, DType::Float32]) && orders.contains(&vec![DType::Float32, DType::Int8]));
        assert_eq!(orders.len(), 8 + 2 * 8 * 2);
    }

    #[test]
    fn zeros_and_other_numbers_are_drawn() {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        let not = spec.function("elementwise", "logical_not").expect("it is in the spec");
        let stream = AcceptedStream::new(spec, not, &profile).expect("it may accept numbers");
        for combination in 0..stream.combinations.len() {
            let indices = (0..400).filter(|index| stream.combination_of(*index) == combination);
            let elements: Vec<Element> = indices.flat_map(|i| stream.call(0, i).arrays()[0].elements().collect::<Vec<_>>()).collect();
            let zeros = elements.iter().filter(|e| e.components().0 == 0.0).count();
            assert!(zeros > 10 && zeros + 10 < elements.len(), "{:?}: {zeros} of {}", stream.combinations[combination], elements.len());
        }
    }
}
