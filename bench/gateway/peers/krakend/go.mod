module sealgate.test/bench/krakend

go 1.25.0

require (
	github.com/gin-gonic/gin v1.12.0
	github.com/krakend/krakend-jose/v2 v2.12.3
	github.com/luraproject/lura/v2 v2.14.1
)
