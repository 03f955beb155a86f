package a

func f() (int, error) {
	resp, err := http.Get("https://example.com")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

func g() (*http.Response, error) {
	resp, err := http.Get("https://example.com")
	if err != nil {
		return nil, err
	}
	return resp, nil
}

func h() error {
	resp, err := http.Get("https://example.com")
	if err != nil {
		return err
	}
	return read(resp)
}
