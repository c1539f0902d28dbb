module sealgate.test/bench/oathkeeper

go 1.25.0

require github.com/ory/oathkeeper v0.40.9
