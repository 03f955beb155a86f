package a

func f(all []T) {
	var wg sync.WaitGroup
	for range all {
		wg.Add(1)
		go func() {
			defer wg.Done()
			counter.Add(1)
		}()
	}
	wg.Wait()
}
