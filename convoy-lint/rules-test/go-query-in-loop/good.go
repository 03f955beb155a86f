package a

func f(ids []int) {
	row := s.db.QueryRow("SELECT name FROM users WHERE id = $1", id)
	for {
		s.db.QueryRow("SELECT state FROM jobs LIMIT 1")
	}
	for _, id := range ids {
		url.Query("SELECT")
		s.db.Query("UPDATE a SET b = 1 RETURNING c")
	}
}
