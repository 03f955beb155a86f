fn read(validation: &mut Validation, token: &str) {
    decode(token, &key, &validation);
}
