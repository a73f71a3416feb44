// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// A contract for the tests of the chain layer: storage, events, refusals, creation.
contract Probe {
    error ProbeRefused(uint256 value, string why);

    event Noted(uint256 indexed key, address indexed who, uint256 value, string text);

    uint256 public count;
    mapping(uint256 key => uint256 value) public values;

    function note(uint256 key, uint256 value, string calldata text) external {
        values[key] = value;
        ++count;
        emit Noted(key, msg.sender, value, text);
    }

    function fill(uint256 first, uint256 n) external {
        for (uint256 i = first; i < first + n; ++i) {
            values[i] = uint256(keccak256(abi.encode(i, block.timestamp)));
        }
        count += n;
        emit Noted(first, msg.sender, n, "filled");
    }

    function clear(uint256 first, uint256 n) external {
        for (uint256 i = first; i < first + n; ++i) delete values[i];
    }

    function refuse(uint256 value) external {
        count = 999;
        revert ProbeRefused(value, "because");
    }

    /// Tries a change that reverts inside, and keeps one around it.
    function attempt(uint256 value) external {
        values[0] = value;
        try this.refuse(value) {} catch { ++count; }
    }

    function spawn(bytes32 salt) external returns (address child) {
        child = address(new Child{salt: salt}(count));
        Child(child).vanish();
    }

    function recover(bytes32 digest, uint8 v, bytes32 r, bytes32 s) external pure returns (address) {
        return ecrecover(digest, v, r, s);
    }

    function earlier(uint256 back) external view returns (bytes32, uint256, uint256) {
        return (blockhash(block.number - back), block.timestamp, block.chainid);
    }
}

contract Child {
    uint256 public start;
    mapping(uint256 key => uint256 value) public own;

    constructor(uint256 start_) {
        start = start_;
        own[start_] = 1;
    }

    function vanish() external {
        own[7] = 7;
        selfdestruct(payable(msg.sender));
    }
}
