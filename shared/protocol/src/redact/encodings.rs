//! How programs write a key when they do not write it as it is: base64 and hex.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER, HEXUPPER};

/// What of these encodings depends on the value alone, whatever stands before and
/// after it in what was encoded.
pub(super) fn of(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for encoding in [&BASE64_NOPAD, &BASE64URL_NOPAD] {
        forms.extend((0..3).map(|before| base64(encoding, value, before)));
    }
    forms.extend([&HEXLOWER, &HEXUPPER].map(|encoding| encoding.encode(value).into_bytes()));
    forms
}

/// Three bytes are four characters: a value that begins at the second or third of
/// three shares its first character with what is before it, and one that does not
/// end with the third its last with what follows.
fn base64(encoding: &Encoding, value: &[u8], before: usize) -> Vec<u8> {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(value);
    let text = encoding.encode(&bytes).into_bytes();
    let shared_first = [0, 2, 3][before];
    let shared_last = usize::from(!bytes.len().is_multiple_of(3));
    text[shared_first..text.len() - shared_last].to_vec()
}
