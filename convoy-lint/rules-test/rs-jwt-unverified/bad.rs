fn read(validation: &mut Validation, token: &str) {
    // bad
    validation.insecure_disable_signature_validation();
}
