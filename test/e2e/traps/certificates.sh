# Sourced: a certificate authority and what it signs, made with openssl.
#
#   make_certificates DIRECTORY
#
#   ca.crt           the authority; other.crt: another one
#   server.pem       of localhost and 127.0.0.1; elsewhere.pem: of another host; expired.pem
#   client.crt, client.key         signed by ca; stranger.crt, stranger.key: by other
#   second.crt, second.key         as client

sign() { # authority, name, days, subject alternative names
    openssl req -newkey rsa:2048 -nodes -keyout "$2.key" -out "$2.csr" -subj "/CN=$2" &&
        openssl x509 -req -in "$2.csr" -CA "$1.crt" -CAkey "$1.key" -CAcreateserial -days "$3" -out "$2.crt" \
            -extfile <(echo "subjectAltName=$4")
}

make_certificates() (
    mkdir -p "$1" && cd "$1" || exit 1
    {
        for name in ca other; do
            openssl req -x509 -newkey rsa:2048 -nodes -keyout $name.key -out $name.crt -days 30 -subj "/CN=$name" || exit 1
        done
        sign ca server 30 DNS:localhost,IP:127.0.0.1 && sign ca elsewhere 30 DNS:elsewhere.example &&
            sign ca expired 0 DNS:localhost,IP:127.0.0.1 && sign ca client 30 DNS:client &&
            sign ca second 30 DNS:second && sign other stranger 30 DNS:stranger || exit 1
        for name in server elsewhere expired; do cat $name.key $name.crt >$name.pem || exit 1; done
        chmod a+r ./*.key ./*.pem
    } >certificates.log 2>&1 || { cat certificates.log >&2; exit 1; }
)
