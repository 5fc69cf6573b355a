"""WeChat's and WeChat Pay's interfaces, as the public documentation has them, with a ledger of their own.

    config.py       the account that it serves, and where it listens
    store.py        what it knows, in SQLite: whatever was acknowledged survives a kill
    weather.py      what goes wrong on purpose
    signing.py      signatures and encryption of Pay v3; push_crypto.py those of pushed messages
    people.py       the persons with phones: their openids, codes and telephone numbers
    login.py        code2Session, access tokens, telephone numbers
    messages.py     content checks, subscription and customer-service messages; shipping.py the upload of shipping info
    pay.py          prepay, query, close; refunds.py; bills.py
    cashier.py      what a person does with the phone: pays, or doesn't
    courier.py      delivers notifications and pushes, again and again; schedule.py when
    ledger.py       what it can testify
    app.py          the addresses

It imports the standard library, aiohttp and cryptography only: in the region it runs on a host that has nothing else.
"""
