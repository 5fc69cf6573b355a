"""Operations on the shop's stack: provision, configure, verify, recover."""
